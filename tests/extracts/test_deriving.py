"""What is derived of a pathway, drawn: appointments on a time line, expected values below them."""

from datetime import date
from typing import Any

import pytest

from accounts.models import User
from extracts.specification.derivations import derivations
from submissions.models import Window
from tests.extracts.pathways import Records, derived, differences, drawn, read

DATES = """
Assessed and treated  F411  2013-04-02 to 2013-06-20
    2013-04-10   seen 01
    2013-04-17   missed 02
    2013-04-24   seen 03 03
    2013-05-08   late 02 07
    2013-06-05   seen 03
    2013-06-12   seen 02 07
    2013-06-13   turned-away 02 07
    2013-06-19   seen 06 07
    = IC_DATE_FIRST_ASSESSMENT 2013-04-10  IC_DATE_LAST_ASSESSMENT 2013-06-05
    = IC_DATE_FIRST_THERAPEUTIC_SESSION 2013-04-24  IC_DATE_SECOND_THERAPEUTIC_SESSION 2013-05-08
    = IC_DATE_LAST_THERAPEUTIC_SESSION 2013-06-12  IC_DATE_LAST_APPOINTMENT 2013-06-12
    = IC_COUNT_APPOINTMENTS 6  IC_COUNT_TREATMENT_APPOINTMENTS 3  IC_COMPLETED_TREATMENT_FLAG Y

Two sessions on one day  F411  2013-06-03 to now
    2013-06-10 09:00   seen 02 07
    2013-06-10 15:00   seen 02 07
    2013-06-17   seen 02 07
    = IC_DATE_FIRST_THERAPEUTIC_SESSION 2013-06-10  IC_DATE_SECOND_THERAPEUTIC_SESSION 2013-06-10
    = IC_DATE_LAST_THERAPEUTIC_SESSION 2013-06-17  IC_COMPLETED_TREATMENT_FLAG -

One session only  F411  2013-06-03 to 2013-06-30
    2013-06-10   seen 02 07
    = IC_DATE_FIRST_THERAPEUTIC_SESSION 2013-06-10  IC_DATE_SECOND_THERAPEUTIC_SESSION -
    = IC_DATE_LAST_THERAPEUTIC_SESSION 2013-06-10  IC_COUNT_TREATMENT_APPOINTMENTS 1
    = IC_COMPLETED_TREATMENT_FLAG -

Nobody came  F411  2013-06-03 to 2013-06-30
    2013-06-10   missed 01
    2013-06-17   cancelled 02
    = IC_DATE_FIRST_ASSESSMENT -  IC_DATE_LAST_APPOINTMENT -  IC_COUNT_APPOINTMENTS 0
    = IC_COUNT_TREATMENT_APPOINTMENTS 0  IC_COUNT_DISTINCT_THERAPY_TYPES 0  IC_COUNT_CBT_SESSIONS 0
    = IC_LAST_THERAPY_TYPE -  IC_COMPLETED_TREATMENT_FLAG -  IC_CASENESS_FLAG -  IC_ADSM GAD7

Never an appointment  F411  2013-06-03 to now
    = IC_COUNT_APPOINTMENTS 0  IC_COUNT_OTHER_HI 0  IC_FIRST_PHQ9 -  IC_DATE_LAST_APPOINTMENT -

Without a valid type it is no follow-up  F411  2013-06-03 to now
    2013-06-10   seen - 07   PHQ9_Score 9
    = IC_COUNT_TREATMENT_APPOINTMENTS 1  IC_FIRST_PHQ9 9  IC_DATE_LAST_APPOINTMENT 2013-06-10

Review and other with a therapy are treatment  F411  2013-06-03 to now
    2013-06-10   seen 04 07
    2013-06-11   seen 07 07
    2013-06-12   seen 02
    = IC_COUNT_TREATMENT_APPOINTMENTS 2  IC_COUNT_APPOINTMENTS 3

Outside the referral's days  F411  2013-06-10 to 2013-06-20
    2013-06-09   seen 01        PHQ9_Score 20
    2013-06-10   seen 03 07     PHQ9_Score 15
    2013-06-20   seen 02 07     PHQ9_Score 8
    2013-06-21   seen 02 07     PHQ9_Score 3
    = IC_COUNT_APPOINTMENTS 2  IC_DATE_FIRST_ASSESSMENT 2013-06-10  IC_FIRST_PHQ9 15
    = IC_LAST_PHQ9 8  IC_DATE_LAST_THERAPEUTIC_SESSION 2013-06-20  IC_DATE_LAST_APPOINTMENT 2013-06-20

Ends after the period, so it is open  F411  2013-06-03 to 2013-07-01
    2013-06-10   seen 02 07   PHQ9_Score 15
    2013-06-30   seen 02 07   PHQ9_Score 8
    = IC_COUNT_TREATMENT_APPOINTMENTS 2  IC_COMPLETED_TREATMENT_FLAG -  IC_LAST_PHQ9 -

The last of February  F411  2012-02-20 to now
    2012-02-29   seen 03 07   PHQ9_Score 20
    2013-02-28   seen 02 07
    2013-03-31   seen 02 07
    2013-04-01   seen 02 07
    = IC_DATE_FIRST_ASSESSMENT 2012-02-29  IC_DATE_FIRST_THERAPEUTIC_SESSION 2012-02-29
    = IC_COUNT_APPOINTMENTS 4  IC_COUNT_APPOINTMENTS_INYEAR 1  IC_COUNT_TREATMENT_APPOINTMENTS 4
    = IC_COUNT_TREATMENT_APPOINTMENTS_INYEAR 1  IC_FIRST_PHQ9 20
    = IC_COUNT_CBT_SESSIONS 4  IC_COUNT_CBT_SESSIONS_INYEAR 1

A month was never sent  F411  2013-04-02 to 2013-06-28  sent 2013-04 2013-06
    2013-04-10   seen 02 07   PHQ9_Score 15  GAD7Score 9
    2013-05-10   seen 02 07   PHQ9_Score 12  GAD7Score 9
    2013-06-10   seen 02 07   PHQ9_Score 5   GAD7Score 5
    = IC_COUNT_TREATMENT_APPOINTMENTS 2  IC_DATE_SECOND_THERAPEUTIC_SESSION 2013-06-10
"""

ANSWERS = """
First and last of everything  F411  2013-04-02 to 2013-06-20
    2013-04-10   seen 01   PHQ9_Score 15  GAD7Score 12  WSASScore 30  EmpStatus 04  PsychMed 02
    2013-04-11   seen 02   SSPInd Y  AgoraScore 7  SocPhobiaScore 6  SpecPhobiaScore 5
    2013-04-12   seen 02   AgoraScoreAcc 4.25  AgoraScoreAlone 4.5  GenAnxScore 70  HealthAnxScore 33
    2013-04-13   seen 02   OCDScore 168  PanicScore 20  PTSD_Score 88  SocPhobiaInvScore 68
    2013-06-10   seen 02   PHQ9_Score 0   GAD7Score 1  WSASScore 0  EmpStatus 01  PsychMed ZZ
    2013-06-11   seen 02   SSPInd U  AgoraScore 0  SocPhobiaScore 0  SpecPhobiaScore 1
    2013-06-12   seen 02   AgoraScoreAcc 0.05  AgoraScoreAlone 0  GenAnxScore 16  HealthAnxScore 2
    2013-06-13   seen 02   OCDScore 3  PanicScore 0  PTSD_Score 4  SocPhobiaInvScore 5
    = IC_FIRST_PHQ9 15  IC_LAST_PHQ9 0  IC_FIRST_GAD 12  IC_LAST_GAD 1
    = IC_FIRST_WASASTOTAL 30  IC_LAST_WASASTOTAL 0  IC_FIRST_EMPSTATUS 04  IC_LAST_EMPSTATUS 01
    = IC_FIRST_PSYCHOTROPIC_INDICATOR 02  IC_LAST_PSYCHOTROPIC_INDICATOR ZZ
    = IC_FIRST_SICKPAY_INDICATOR Y  IC_LAST_SICKPAY_INDICATOR U
    = IC_FIRST_AGORA 7  IC_LAST_AGORA 0  IC_FIRST_SOCIAL_PHOBIA 6  IC_LAST_SOCIAL_PHOBIA 0
    = IC_FIRST_SPECIFIC_PHOBIA 5  IC_LAST_SPECIFIC_PHOBIA 1
    = IC_FIRST_AGORA_MOB_ACCOM 4.25  IC_LAST_AGORA_MOB_ACCOM 0.05
    = IC_FIRST_AGORA_MOB_ALONE_V1 4.50  IC_LAST_AGORA_MOB_ALONE_V1 0.00
    = IC_FIRST_PENN_STATE 70  IC_LAST_PENN_STATE 16
    = IC_FIRST_ANXIETY_INVENTORY 33  IC_LAST_ANXIETY_INVENTORY 2  IC_FIRST_OCD 168  IC_LAST_OCD 3
    = IC_FIRST_PANIC_DISORDER 20  IC_LAST_PANIC_DISORDER 0  IC_FIRST_PTSD 88  IC_LAST_PTSD 4
    = IC_FIRST_SOCIAL_PHOBIA_INVENTORY 68  IC_LAST_SOCIAL_PHOBIA_INVENTORY 5

An open referral has no last answer but of sick pay  F411  2013-06-03 to now
    2013-06-10   seen 01   PHQ9_Score 15  SSPInd N  EmpStatus 01  PsychMed 01
    2013-06-17   seen 02   PHQ9_Score 9   SSPInd Y  EmpStatus 02  PsychMed 02
    = IC_FIRST_PHQ9 15  IC_LAST_PHQ9 -  IC_FIRST_EMPSTATUS 01  IC_LAST_EMPSTATUS -
    = IC_LAST_PSYCHOTROPIC_INDICATOR -  IC_FIRST_SICKPAY_INDICATOR N  IC_LAST_SICKPAY_INDICATOR Y

One answer is a first and no last  F411  2013-06-03 to 2013-06-20
    2013-06-10   seen 01   PHQ9_Score 15  SSPInd N  EmpStatus 01
    2013-06-17   seen 02   GAD7Score 9
    = IC_FIRST_PHQ9 15  IC_LAST_PHQ9 -  IC_FIRST_GAD 9  IC_LAST_GAD -  IC_FIRST_SICKPAY_INDICATOR N
    = IC_LAST_SICKPAY_INDICATOR -  IC_FIRST_EMPSTATUS 01  IC_LAST_EMPSTATUS -

The same answer twice is two answers  F411  2013-06-03 to 2013-06-20
    2013-06-10   seen 01   PHQ9_Score 15
    2013-06-17   seen 02   PHQ9_Score 15
    = IC_FIRST_PHQ9 15  IC_LAST_PHQ9 15

At a follow-up or where nobody came nothing is asked  F411  2013-06-03 to 2013-06-30
    2013-06-10   missed 01      PHQ9_Score 27
    2013-06-11   seen 01        PHQ9_Score 15
    2013-06-17   seen 02 07     PHQ9_Score 9
    2013-06-27   seen 06        PHQ9_Score 2
    = IC_FIRST_PHQ9 15  IC_LAST_PHQ9 9

A day has an order: time, no time last, type  F411  2013-06-03 to 2013-06-30
    2013-06-10         seen 01   PHQ9_Score 7
    2013-06-10 15:00   seen 02   PHQ9_Score 6
    2013-06-10 09:00   seen 02   PHQ9_Score 5
    = IC_FIRST_PHQ9 5  IC_LAST_PHQ9 7

Alike in day, time and type the lesser answer is the first  F411  2013-06-03 to 2013-06-30
    2013-06-10   seen 01   PHQ9_Score 7
    2013-06-10   seen 01   PHQ9_Score 5
    2013-06-10   seen 01   PHQ9_Score 6
    = IC_FIRST_PHQ9 5  IC_LAST_PHQ9 7
"""

THERAPIES = """
Each therapy once an appointment  F411  2013-03-02 to 2013-06-20
    2013-03-10   seen 02 01 02 03 04
    2013-05-10   seen 02 05 06 07 08
    2013-05-11   seen 02 09 10 11 12
    2013-06-10   seen 02 13 14
    2013-06-11   seen 02 05 12 07 07
    2013-06-12   missed 02 07
    2013-06-13   seen 06 07
    = IC_COUNT_CCBT_SESSIONS 1  IC_COUNT_CCBT_SESSIONS_INYEAR 0
    = IC_COUNT_PURE_SELF_HELP_SESSIONS 1  IC_COUNT_PURE_SELF_HELP_SESSIONS_INYEAR 0
    = IC_COUNT_GUIDED_SELF_HELP_SESSIONS 1  IC_COUNT_GUIDED_SELF_HELP_SESSIONS_INYEAR 0
    = IC_COUNT_BEHAVIOURAL_ACTIVATION_SESSIONS 1
    = IC_COUNT_BEHAVIOURAL_ACTIVATION_SESSIONS_INYEAR 0
    = IC_COUNT_STRUCTURED_EXERCISE_SESSIONS 2  IC_COUNT_STRUCTURED_EXERCISE_SESSIONS_INYEAR 2
    = IC_COUNT_PSYCOEDUC_GROUP_SESSIONS 1  IC_COUNT_PSYCOEDUC_GROUP_SESSIONS_INYEAR 1
    = IC_COUNT_CBT_SESSIONS 2  IC_COUNT_CBT_SESSIONS_INYEAR 2
    = IC_COUNT_IPT_SESSIONS 1  IC_COUNT_IPT_SESSIONS_INYEAR 1
    = IC_COUNT_COUNSELLING_SESSIONS 1  IC_COUNT_COUNSELLING_SESSIONS_INYEAR 1
    = IC_COUNT_COUPLES_THERAPY_SESSIONS 1  IC_COUNT_COUPLES_THERAPY_SESSIONS_INYEAR 1
    = IC_COUNT_OTHER_SESSIONS 1  IC_COUNT_OTHER_SESSIONS_INYEAR 1
    = IC_COUNT_NOT_SPECIFIED 1  IC_COUNT_NOT_SPECIFIED_INYEAR 1
    = IC_COUNT_COLLABRATIVE_CARE_SESSIONS 2  IC_COUNT_COLLABRATIVE_CARE_SESSIONS_INYEAR 2
    = IC_COUNT_DYNAMIC_THERAPY_SESSIONS 1  IC_COUNT_DYNAMIC_THERAPY_SESSIONS_INYEAR 1
    = IC_COUNT_EMPLOYMENT_SUPPORT_SESSIONS 1  IC_COUNT_EMPLOYMENT_SUPPORT_SESSIONS_INYEAR 1
    = IC_COUNT_OTHER_LI 3  IC_COUNT_OTHER_LI_INYEAR 3  IC_COUNT_OTHER_HI 0
    = IC_COUNT_OTHER_HI_INYEAR 0  IC_COUNT_DISTINCT_THERAPY_TYPES 14  IC_LAST_THERAPY_TYPE 05

The first one may stand in the second column  F411  2013-06-03 to now
    2013-06-10   seen 02 07
    2013-06-11   seen 02 - 08 14
    = IC_LAST_THERAPY_TYPE 08  IC_COUNT_DISTINCT_THERAPY_TYPES 3
"""

# The measure for each diagnosis, at its threshold and just below; then the outcomes of the guide.
OUTCOMES = """
Agoraphobia  F400  2013-06-03 to 2013-06-20
    2013-06-10   seen 02 07   PHQ9_Score 9  AgoraScoreAlone 2.3   GAD7Score 7
    2013-06-17   seen 02 07   PHQ9_Score 9  AgoraScoreAlone 2.29  GAD7Score 7
    = IC_ADSM AGORA_MOB_ALONE  IC_FIRST_ADSM_SCORE 2.30  IC_LAST_ADSM_SCORE 2.29
    = IC_CASENESS_FLAG Y  IC_NOT_CASENESS_FLAG -  IC_RECOVERY_FLAG Y  IC_NO_CHANGE_FLAG Y
    = IC_RELIABLE_IMPROV_FLAG -  IC_RELIABLE_RECOVERY_FLAG -

Agoraphobia just below  F400  2013-06-03 to 2013-06-20
    2013-06-10   seen 02 07   PHQ9_Score 9  AgoraScoreAlone 2.29  GAD7Score 8
    2013-06-17   seen 02 07   PHQ9_Score 9  AgoraScoreAlone 1     GAD7Score 5
    = IC_ADSM GAD7  IC_FIRST_ADSM_SCORE 8  IC_LAST_ADSM_SCORE 5  IC_CASENESS_FLAG Y

Mobility inventory by its reliable change  F400  2013-06-03 to 2013-06-20
    2013-06-10   seen 02 07   PHQ9_Score 9  AgoraScoreAlone 3
    2013-06-17   seen 02 07   PHQ9_Score 9  AgoraScoreAlone 2.27
    = IC_RELIABLE_IMPROV_FLAG Y  IC_RECOVERY_FLAG Y  IC_RELIABLE_RECOVERY_FLAG Y

Mobility inventory just below that  F400  2013-06-03 to 2013-06-20
    2013-06-10   seen 02 07   PHQ9_Score 9  AgoraScoreAlone 3
    2013-06-17   seen 02 07   PHQ9_Score 9  AgoraScoreAlone 2.28
    = IC_RELIABLE_IMPROV_FLAG -  IC_NO_CHANGE_FLAG Y

Social phobia  F401  2013-06-03 to 2013-06-20
    2013-06-10   seen 02 07   PHQ9_Score 9  SocPhobiaInvScore 19
    2013-06-17   seen 02 07   PHQ9_Score 9  SocPhobiaInvScore 9
    = IC_ADSM SOCIAL_PHOBIA_INVENTORY  IC_RELIABLE_IMPROV_FLAG Y  IC_RELIABLE_RECOVERY_FLAG Y

Social phobia just below  F401  2013-06-03 to 2013-06-20
    2013-06-10   seen 02 07   PHQ9_Score 9  SocPhobiaInvScore 18
    2013-06-17   seen 02 07   PHQ9_Score 9  SocPhobiaInvScore 9
    = IC_ADSM GAD7  IC_FIRST_ADSM_SCORE -  IC_CASENESS_FLAG Y  IC_RECOVERY_FLAG -

Obsessive compulsive disorder, as the guide's example  F429  2013-06-03 to 2013-06-20
    2013-06-10   seen 02 07   PHQ9_Score 9  OCDScore 50
    2013-06-17   seen 02 07   PHQ9_Score 9  OCDScore 10
    = IC_ADSM OCD  IC_RELIABLE_IMPROV_FLAG Y  IC_RECOVERY_FLAG Y

Obsessive compulsive disorder by its reliable change  F42  2013-06-03 to 2013-06-20
    2013-06-10   seen 02 07   PHQ9_Score 9  OCDScore 40
    2013-06-17   seen 02 07   PHQ9_Score 9  OCDScore 9
    = IC_ADSM OCD  IC_RELIABLE_IMPROV_FLAG -  IC_RECOVERY_FLAG Y

Obsessive compulsive disorder just below  F42  2013-06-03 to 2013-06-20
    2013-06-10   seen 02 07   OCDScore 39
    2013-06-17   seen 02 07   OCDScore 9
    = IC_ADSM GAD7

Post-traumatic stress  F431  2013-06-03 to 2013-06-20
    2013-06-10   seen 02 07   PHQ9_Score 9  PTSD_Score 33
    2013-06-17   seen 02 07   PHQ9_Score 9  PTSD_Score 24
    = IC_ADSM PTSD  IC_RELIABLE_IMPROV_FLAG Y

Post-traumatic stress just below  F431  2013-06-03 to 2013-06-20
    2013-06-10   seen 02 07   PTSD_Score 32
    2013-06-17   seen 02 07   PTSD_Score 3
    = IC_ADSM GAD7

Health anxiety  F452  2013-06-03 to 2013-06-20
    2013-06-10   seen 02 07   PHQ9_Score 9  HealthAnxScore 18
    2013-06-17   seen 02 07   PHQ9_Score 9  HealthAnxScore 14
    = IC_ADSM ANXIETY_INVENTORY  IC_RELIABLE_IMPROV_FLAG Y

Health anxiety just below  F452  2013-06-03 to 2013-06-20
    2013-06-10   seen 02 07   HealthAnxScore 17
    2013-06-17   seen 02 07   HealthAnxScore 3
    = IC_ADSM GAD7

Panic has no measure of its own yet  F410  2013-06-03 to 2013-06-20
    2013-06-10   seen 02 07   PanicScore 20  GAD7Score 8
    2013-06-17   seen 02 07   PanicScore 2   GAD7Score 7
    = IC_ADSM GAD7  IC_FIRST_ADSM_SCORE 8  IC_LAST_ADSM_SCORE 7

Without a last score of its own, GAD-7  F431  2013-06-03 to 2013-06-20
    2013-06-10   seen 02 07   PTSD_Score 50  GAD7Score 12
    2013-06-17   seen 02 07   GAD7Score 6
    = IC_ADSM GAD7  IC_FIRST_ADSM_SCORE 12  IC_LAST_ADSM_SCORE 6

Open  F431  2013-06-03 to now
    2013-06-10   seen 02 07   PTSD_Score 50  PHQ9_Score 15  GAD7Score 12
    2013-06-17   seen 02 07   PTSD_Score 10  PHQ9_Score 3   GAD7Score 3
    = IC_ADSM GAD7  IC_FIRST_ADSM_SCORE 12  IC_LAST_ADSM_SCORE -  IC_CASENESS_FLAG -
    = IC_NOT_CASENESS_FLAG -  IC_RECOVERY_FLAG -  IC_RELIABLE_IMPROV_FLAG -  IC_NO_CHANGE_FLAG -

Treated once  F411  2013-06-03 to 2013-06-20
    2013-06-10   seen 01      PHQ9_Score 15  GAD7Score 12
    2013-06-17   seen 02 07   PHQ9_Score 3   GAD7Score 3
    = IC_LAST_PHQ9 3  IC_CASENESS_FLAG -  IC_RECOVERY_FLAG -  IC_RELIABLE_IMPROV_FLAG -

At caseness by PHQ-9 alone  F411  2013-06-03 to 2013-06-20
    2013-06-10   seen 02 07   PHQ9_Score 10  GAD7Score 7
    2013-06-17   seen 02 07   PHQ9_Score 4   GAD7Score 7
    = IC_CASENESS_FLAG Y  IC_NOT_CASENESS_FLAG -  IC_RECOVERY_FLAG Y  IC_RELIABLE_IMPROV_FLAG Y
    = IC_RELIABLE_RECOVERY_FLAG Y  IC_RELIABLE_DETER_FLAG -  IC_NO_CHANGE_FLAG -

At caseness by GAD-7 alone  F411  2013-06-03 to 2013-06-20
    2013-06-10   seen 02 07   PHQ9_Score 9  GAD7Score 8
    2013-06-17   seen 02 07   PHQ9_Score 9  GAD7Score 5
    = IC_CASENESS_FLAG Y  IC_RECOVERY_FLAG Y  IC_RELIABLE_IMPROV_FLAG -  IC_NO_CHANGE_FLAG Y
    = IC_RELIABLE_RECOVERY_FLAG -

Not at caseness  F411  2013-06-03 to 2013-06-20
    2013-06-10   seen 02 07   PHQ9_Score 9  GAD7Score 7
    2013-06-17   seen 02 07   PHQ9_Score 3  GAD7Score 3
    = IC_CASENESS_FLAG -  IC_NOT_CASENESS_FLAG Y  IC_RECOVERY_FLAG -  IC_RELIABLE_IMPROV_FLAG Y
    = IC_RELIABLE_RECOVERY_FLAG -

A missing first score counts as at caseness  F411  2013-06-03 to 2013-06-20
    2013-06-10   seen 02 07   PHQ9_Score 9
    2013-06-17   seen 02 07   PHQ9_Score 3
    = IC_CASENESS_FLAG Y  IC_NOT_CASENESS_FLAG -  IC_RECOVERY_FLAG -  IC_NO_CHANGE_FLAG -
    = IC_RELIABLE_IMPROV_FLAG -

No score at all counts so too  F411  2013-06-03 to 2013-06-20
    2013-06-10   seen 02 07
    2013-06-17   seen 02 07
    = IC_CASENESS_FLAG Y  IC_NOT_CASENESS_FLAG -  IC_RECOVERY_FLAG -

Still at the threshold  F411  2013-06-03 to 2013-06-20
    2013-06-10   seen 02 07   PHQ9_Score 20  GAD7Score 15
    2013-06-17   seen 02 07   PHQ9_Score 10  GAD7Score 7
    = IC_RECOVERY_FLAG -  IC_RELIABLE_IMPROV_FLAG Y

Still at the other threshold  F411  2013-06-03 to 2013-06-20
    2013-06-10   seen 02 07   PHQ9_Score 20  GAD7Score 15
    2013-06-17   seen 02 07   PHQ9_Score 9   GAD7Score 8
    = IC_RECOVERY_FLAG -  IC_RELIABLE_IMPROV_FLAG Y

PHQ-9 falls by six  F411  2013-06-03 to 2013-06-20
    2013-06-10   seen 02 07   PHQ9_Score 20  GAD7Score 15
    2013-06-17   seen 02 07   PHQ9_Score 14  GAD7Score 15
    = IC_RELIABLE_IMPROV_FLAG Y  IC_NO_CHANGE_FLAG -

PHQ-9 falls by five, GAD-7 by three  F411  2013-06-03 to 2013-06-20
    2013-06-10   seen 02 07   PHQ9_Score 20  GAD7Score 15
    2013-06-17   seen 02 07   PHQ9_Score 15  GAD7Score 12
    = IC_RELIABLE_IMPROV_FLAG -  IC_NO_CHANGE_FLAG Y

GAD-7 rises by four  F411  2013-06-03 to 2013-06-20
    2013-06-10   seen 02 07   PHQ9_Score 20  GAD7Score 11
    2013-06-17   seen 02 07   PHQ9_Score 20  GAD7Score 15
    = IC_RELIABLE_DETER_FLAG Y  IC_NO_CHANGE_FLAG -  IC_RELIABLE_IMPROV_FLAG -

GAD-7 rises by three  F411  2013-06-03 to 2013-06-20
    2013-06-10   seen 02 07   PHQ9_Score 20  GAD7Score 11
    2013-06-17   seen 02 07   PHQ9_Score 20  GAD7Score 14
    = IC_RELIABLE_DETER_FLAG -  IC_NO_CHANGE_FLAG Y

One falls, the other rises  F411  2013-06-03 to 2013-06-20
    2013-06-10   seen 02 07   PHQ9_Score 20  GAD7Score 3
    2013-06-17   seen 02 07   PHQ9_Score 9   GAD7Score 7
    = IC_RELIABLE_IMPROV_FLAG -  IC_RELIABLE_DETER_FLAG -  IC_NO_CHANGE_FLAG Y  IC_RECOVERY_FLAG Y
    = IC_RELIABLE_RECOVERY_FLAG -

Recovered and deteriorated  F431  2013-06-03 to 2013-06-20
    2013-06-10   seen 02 07   PHQ9_Score 3  PTSD_Score 33
    2013-06-17   seen 02 07   PHQ9_Score 9  PTSD_Score 32
    = IC_RECOVERY_FLAG Y  IC_RELIABLE_DETER_FLAG Y  IC_RELIABLE_RECOVERY_FLAG -
"""

PROBLEMS = """
P1  F321  2013-06-03 to now
    = IC_PROBDESC_PRIMARY Depression  IC_PROBDESC_SECONDARY -
P2  F33  2013-06-03 to now
    = IC_PROBDESC_PRIMARY Depression  IC_PROBDESC_SECONDARY -
P3  F400  2013-06-03 to now
    = IC_PROBDESC_PRIMARY Anxiety and stress related disorders  IC_PROBDESC_SECONDARY Agoraphobia
P4  F401  2013-06-03 to now
    = IC_PROBDESC_SECONDARY Social phobias
P5  F402  2013-06-03 to now
    = IC_PROBDESC_SECONDARY Specific (isolated) phobias
P6  F410  2013-06-03 to now
    = IC_PROBDESC_SECONDARY Panic disorder [episodic paroxysmal anxiety]
P7  F411  2013-06-03 to now
    = IC_PROBDESC_SECONDARY Generalized anxiety disorder
P8  F412  2013-06-03 to now
    = IC_PROBDESC_SECONDARY Mixed anxiety and depressive disorder
P9  F429  2013-06-03 to now
    = IC_PROBDESC_SECONDARY Obsessive-compulsive disorder
P10  F431  2013-06-03 to now
    = IC_PROBDESC_SECONDARY Post-traumatic stress disorder
P11  F438  2013-06-03 to now
    = IC_PROBDESC_SECONDARY Other anxiety or stress related disorder
P12  F452  2013-06-03 to now
    = IC_PROBDESC_PRIMARY Other Mental Health problems
    = IC_PROBDESC_SECONDARY Hypochondriacal disorder
P13  F200  2013-06-03 to now
    = IC_PROBDESC_PRIMARY Other Mental Health problems  IC_PROBDESC_SECONDARY -
P14  Z630  2013-06-03 to now
    = IC_PROBDESC_PRIMARY Other Recorded Problems  IC_PROBDESC_SECONDARY -
P15  -1  2013-06-03 to now
    = IC_PROBDESC_PRIMARY Unspecified  IC_PROBDESC_SECONDARY -
P16  -3  2013-06-03 to now
    = IC_PROBDESC_PRIMARY Invalid Data Supplied  IC_PROBDESC_SECONDARY -
"""

# Of the final stage: May, while June is the newest month that anybody has sent.
LATER = """
Goes on in June  F411  2013-05-03 to now  sent 2013-05 2013-06
    = IC_INACTIVE_TIMESTAMP -  IC_USE_PATHWAY_FLAG Y  IC_USE_QTR_REFERRAL_FLAG -
Vanishes after May  F411  2013-05-03 to now  sent 2013-05
    = IC_INACTIVE_TIMESTAMP 2013-06-01T00:00:00  IC_USE_PATHWAY_FLAG Y  IC_USE_QTR_REFERRAL_FLAG Y
Ended in May  F411  2013-05-03 to 2013-05-31  sent 2013-05
    = IC_INACTIVE_TIMESTAMP -  IC_USE_PATHWAY_FLAG Y  IC_USE_QTR_REFERRAL_FLAG Y
June's appointments are not May's  F411  2013-05-03 to now  sent 2013-05 2013-06
    2013-05-31   seen 02 07   PHQ9_Score 15
    2013-06-01   seen 02 07   PHQ9_Score 9
    = IC_COUNT_TREATMENT_APPOINTMENTS 1  IC_DATE_LAST_THERAPEUTIC_SESSION 2013-05-31
"""
NEWEST = """
Newest of the quarter  F411  2013-05-03 to now
    = IC_INACTIVE_TIMESTAMP -  IC_USE_PATHWAY_FLAG Y  IC_USE_QTR_REFERRAL_FLAG Y
"""

ALL = {
    "dates": DATES,
    "answers": ANSWERS,
    "therapies": THERAPIES,
    "outcomes": OUTCOMES,
    "problems": PROBLEMS,
    "newest": NEWEST,
}


@pytest.fixture
def june(everybody: dict[str, User]) -> Records:
    """June 2013 is the primary period, May the one before."""
    return Records(Window.objects.get(primary_period=date(2013, 6, 1)), everybody["Erin"])


@pytest.mark.parametrize("topic", ALL)
def test_what_is_drawn_is_what_is_derived(june: Records, topic: str) -> None:
    pathways = drawn(ALL[topic])
    for pathway in pathways:
        june.add(pathway)
    wrong = differences(derived(june.run()), pathways)
    assert wrong == [], "\n".join(wrong)


def test_older_month(june: Records) -> None:
    pathways = drawn(LATER)
    for pathway in pathways:
        june.add(pathway)
    wrong = differences(derived(june.run(), "R"), pathways)
    assert wrong == [], "\n".join(wrong)


def test_quarter_flag_stays_where_the_next_month_is_of_another_quarter(
    everybody: dict[str, User],
) -> None:
    july = Records(Window.objects.get(primary_period=date(2013, 7, 1)), everybody["Erin"])
    pathways = drawn("S1  F411  2013-06-03 to now\n = IC_USE_QTR_REFERRAL_FLAG Y")
    july.add(pathways[0])
    assert differences(derived(july.run(), "R"), pathways) == []


def test_nobody_is_inactive_while_nothing_newer_is_held(june: Records) -> None:
    pathways = drawn("S1  F411  2013-05-03 to now  sent 2013-05\n = IC_INACTIVE_TIMESTAMP -")
    june.add(pathways[0])
    assert differences(derived(june.run(), "R"), pathways) == []


def test_newest_month_is_that_of_anybody(june: Records) -> None:
    """RZ1 has sent nothing of June, but RZ2 has."""
    pathways = drawn(
        "S1  F411  2013-05-03 to now  sent 2013-05\n = IC_INACTIVE_TIMESTAMP 2013-06-01T00:00:00\n"
    )
    june.add(pathways[0])
    june.add(drawn("S2  F411  2013-06-03 to now")[0], "RZ2")
    assert differences(derived(june.run(), "R"), pathways) == []


def test_other_providers_rows_count_for_nothing(june: Records) -> None:
    """The same person, and a service request of the same name, at another provider."""
    (ours,) = drawn("""
        S1  F411  2013-06-03 to now
            2013-06-17   seen 02 07   PHQ9_Score 9
            = IC_COUNT_APPOINTMENTS 1  IC_FIRST_PHQ9 9
        """)
    (theirs,) = drawn("""
        S1  F411  2013-04-03 to now
            2013-04-17   seen 02 07   PHQ9_Score 27
            = IC_COUNT_APPOINTMENTS 1  IC_FIRST_PHQ9 27
        """)
    june.add(ours)
    june.add(theirs, "RZ2")
    found = derived(june.run())
    assert differences(found, [ours]) + differences(found, [theirs], "RZ2") == []


def test_rank_goes_on_over_months(june: Records) -> None:
    (pathway,) = drawn("""
        S1  F411  2013-04-03 to now
            2013-04-17         seen 02 07
            2013-04-18         seen 02 07
            2013-06-10         seen 02 07
            2013-06-10 14:00   seen 02 08
            2013-06-11         seen 01
            2013-06-12         missed 02 07
            2013-06-13         seen 06 07
            2013-06-14         late 03 07
        """)
    june.add(pathway)
    derived(june.run())
    ranks: list[Any] = read("""
        SELECT appointment, appointmenttime, treatment_rank FROM d_appointment
        JOIN submissions_appointmentrecord USING (submission_id, row) ORDER BY place""")
    assert [(row["appointment"].day, row["treatment_rank"]) for row in ranks] == [
        *((10, 3), (10, 4), (11, None), (12, None), (13, None), (14, 5))
    ]
    assert ranks[0]["appointmenttime"] == "14:00:00"


def test_every_derived_column_is_drawn() -> None:
    """With a value at least once, unless it can have none in this version."""
    pathways = [pathway for text in [*ALL.values(), LATER] for pathway in drawn(text)]
    with_value = {
        name for pathway in pathways for name, value in pathway.expected.items() if value != "-"
    }
    assert {one.name for one in derivations() if one.is_column} == with_value
