"""The drawings of `test_counting`: in which figures of June 2013, and of the quarter that ends with
it, a pathway counts; those that are not named it does not count in."""

JUNE = """
Received on the first day, open and waiting  F32  2013-06-01 to now
    : sourcereferral B1
    + received received_self
    + open waiting waiting_over_28 waiting_29_56

Received on the last day  F32  2013-06-30 to now
    : sourcereferral A1
    + received received_gp  open waiting waiting_28

Received the day before  F32  2013-05-31 to now  sent 2013-05 2013-06
    : sourcereferral A1
    + open waiting waiting_over_28 waiting_29_56

Waiting for 28 days  F32  2013-06-02 to now
    : sourcereferral A2
    + received received_primary_care  open waiting waiting_28

Waiting for 56 days  F32  2013-05-05 to now  sent 2013-05 2013-06
    + open waiting waiting_over_28 waiting_29_56

Waiting for 57 days  F32  2013-05-04 to now  sent 2013-05 2013-06
    + open waiting waiting_over_28 waiting_57_90

Waiting for 90 days  F32  2013-04-01 to now  sent 2013-05 2013-06
    + open waiting waiting_over_28 waiting_57_90

Waiting for 91 days  F32  2013-03-31 to now  sent 2013-05 2013-06
    + open waiting waiting_over_28 waiting_over_90

Came to other primary care  F32  2013-06-02 to 2013-06-30
    : sourcereferral A3
    + received received_primary_care  ended ended_not_seen

Stepped down  F32  2013-06-02 to 2013-06-30
    : sourcereferral N2
    + received received_step  ended ended_not_seen

From a hospital  F32  2013-06-02 to 2013-06-30
    : sourcereferral H1
    + received received_health  ended ended_not_seen

From another service  F32  2013-06-02 to 2013-06-30
    : sourcereferral G3
    + received received_health  ended ended_not_seen

From a voluntary body  F32  2013-06-02 to 2013-06-30
    : sourcereferral G4
    + received received_elsewhere  ended ended_not_seen

From the court  F32  2013-06-02 to 2013-06-30
    : sourcereferral E2
    + received received_elsewhere  ended ended_not_seen

From nobody knows where  F32  2013-06-02 to 2013-06-30
    + received received_source_unknown  ended ended_not_seen

Received in May, first sent in June  F32  2013-05-31 to now  sent 2013-06
    : sourcereferral B1
    + received_late  open waiting waiting_over_28 waiting_29_56

Assessed after 28 days  F32  2013-05-10 to now
    2013-06-07   seen 01
    + assessed assessed_28  open waiting waiting_over_28 waiting_29_56

Assessed after 29 days, again after 40  F32  2013-05-10 to now
    2013-06-08   seen 01
    2013-06-19   seen 01
    + assessed assessed_29_56  open waiting waiting_over_28 waiting_29_56

Assessed after 56 days  F32  2013-05-01 to now
    2013-06-26   seen 03
    + assessed assessed_29_56  open waiting waiting_over_28 waiting_57_90

Assessed after 57 days  F32  2013-05-01 to now
    2013-06-27   seen 01
    + assessed assessed_57_90  open waiting waiting_over_28 waiting_57_90

Assessed after 90 days  F32  2013-04-01 to now
    2013-06-30   seen 01
    + assessed assessed_57_90  open waiting waiting_over_28 waiting_57_90

Assessed after 91 days  F32  2013-03-31 to now
    2013-06-30   seen 01
    + assessed assessed_over_90  open waiting waiting_over_28 waiting_over_90

Assessed in May already, and nobody came in June  F32  2013-05-10 to now
    2013-05-31   seen 01
    2013-06-10   seen 01
    2013-06-11   missed 01
    + open waiting waiting_over_28 waiting_29_56

Treated after 28 days  F32  2013-05-10 to now
    2013-06-07   seen 02 07
    + entered entered_28 entered_within_42 entered_within_126  open open_60

Treated after 29 days  F32  2013-05-10 to now
    2013-06-08   seen 02 07
    + entered entered_29_56 entered_within_42 entered_within_126  open open_60

Treated after 42 days  F32  2013-05-10 to now
    2013-06-21   seen 02 07
    + entered entered_29_56 entered_within_42 entered_within_126  open open_60

Treated after 43 days  F32  2013-05-10 to now
    2013-06-22   seen 02 07
    + entered entered_29_56 entered_over_42 entered_within_126  open open_60

Treated after 57 days  F32  2013-05-01 to now
    2013-06-27   seen 02 07
    + entered entered_57_90 entered_over_42 entered_within_126  open open_60

Treated after 91 days  F32  2013-03-31 to now
    2013-06-30   seen 02 07
    + entered entered_over_90 entered_over_42 entered_within_126  open open_60

Treated after 126 days  F32  2013-02-24 to now
    2013-06-30   seen 02 07
    + entered entered_over_90 entered_over_42 entered_within_126  open open_60

Treated after 127 days  F32  2013-02-23 to now
    2013-06-30   seen 02 07
    + entered entered_over_90 entered_over_42 entered_over_126  open open_60

Once more after 28 days  F32  2013-05-10 to now
    2013-05-20   seen 02 07
    2013-06-17   seen 02 07
    + second second_28  open open_60

Once more after 29 days  F32  2013-05-10 to now
    2013-05-20   seen 02 07
    2013-06-18   seen 02 07
    2013-06-19   seen 02 07
    + second second_over_28  open open_60

Once more after 90 days  F32  2013-03-10 to now
    2013-04-01   seen 02 07
    2013-06-30   seen 02 07
    + second second_over_28  open open_60

Once more after 91 days  F32  2013-03-10 to now
    2013-03-31   seen 02 07
    2013-06-30   seen 02 07
    + second second_over_28 second_over_90  open open_60

Last treated 60 days ago  F32  2013-04-10 to now
    2013-05-01   seen 02 07
    + open open_60

Last treated 61 days ago  F32  2013-04-10 to now
    2013-04-30   seen 02 07
    2013-06-10   seen 01
    + assessed assessed_57_90  open open_61_90

Last treated 90 days ago  F32  2013-03-10 to now
    2013-04-01   seen 02 07
    + open open_61_90

Last treated 91 days ago  F32  2013-03-10 to now
    2013-03-31   seen 02 07
    + open open_91_120

Last treated 120 days ago  F32  2013-02-10 to now
    2013-03-02   seen 02 07
    + open open_91_120

Last treated 121 days ago  F32  2013-02-10 to now
    2013-03-01   seen 02 07
    + open open_over_120

Ends after June, so it is open  F32  2013-06-03 to 2013-07-01
    2013-06-10   seen 02 07
    2013-06-17   seen 02 07
    + received received_source_unknown
    + entered entered_28 entered_within_42 entered_within_126
    + second second_28  open open_60

Ended in May  F32  2013-05-03 to 2013-05-31
    2013-05-10   seen 02 07
    2013-05-17   seen 02 07

Seen and not treated  F32  2013-05-03 to 2013-06-01
    2013-05-10   seen 01
    + ended ended_not_treated

Treated once  F32  2013-05-03 to 2013-06-30
    2013-05-10   seen 01
    2013-05-17   seen 02 07
    + ended ended_treated_once

Finished, without scores  F32  2013-05-03 to 2013-06-30
    2013-05-10   seen 02 07
    2013-05-17   seen 02 07
    + ended finished finished_within_42 finished_within_126  caseness

Finished, began after 42 days  F32  2013-04-03 to 2013-06-30
    2013-05-15   seen 02 07
    2013-05-17   seen 02 07
    + ended finished finished_within_42 finished_within_126  caseness

Finished, began after 43 days  F32  2013-04-03 to 2013-06-30
    2013-05-16   seen 02 07
    2013-05-17   seen 02 07
    + ended finished finished_within_126  caseness

Finished, began after 126 days  F32  2013-01-10 to 2013-06-30
    2013-05-16   seen 02 07
    2013-05-17   seen 02 07
    + ended finished finished_within_126  caseness

Finished, began after 127 days  F32  2013-01-09 to 2013-06-30
    2013-05-16   seen 02 07
    2013-05-17   seen 02 07
    + ended finished  caseness

Recovered, reliably  F32  2013-05-03 to 2013-06-20
    2013-05-10   seen 02 07   PHQ9_Score 15  GAD7Score 12
    2013-05-17   seen 02 07   PHQ9_Score 5   GAD7Score 3
    + ended finished finished_within_42 finished_within_126
    + paired caseness recovered improved recovered_reliably

Recovered by little  F32  2013-05-03 to 2013-06-20
    2013-05-10   seen 02 07   PHQ9_Score 10  GAD7Score 8
    2013-05-17   seen 02 07   PHQ9_Score 9   GAD7Score 7
    + ended finished finished_within_42 finished_within_126
    + paired caseness recovered no_change

Improved without recovering  F32  2013-05-03 to 2013-06-20
    2013-05-10   seen 02 07   PHQ9_Score 25  GAD7Score 12
    2013-05-17   seen 02 07   PHQ9_Score 15  GAD7Score 12
    + ended finished finished_within_42 finished_within_126
    + paired caseness improved

Worse  F32  2013-05-03 to 2013-06-20
    2013-05-10   seen 02 07   PHQ9_Score 12  GAD7Score 9
    2013-05-17   seen 02 07   PHQ9_Score 20  GAD7Score 9
    + ended finished finished_within_42 finished_within_126
    + paired caseness deteriorated

Well from the beginning  F32  2013-05-03 to 2013-06-20
    2013-05-10   seen 02 07   PHQ9_Score 9   GAD7Score 7
    2013-05-17   seen 02 07   PHQ9_Score 2   GAD7Score 7
    + ended finished finished_within_42 finished_within_126
    + paired not_caseness improved

One score alone  F32  2013-05-03 to 2013-06-20
    2013-05-10   seen 02 07   PHQ9_Score 15  GAD7Score 12
    2013-05-17   seen 02 07   PHQ9_Score 5
    + ended finished finished_within_42 finished_within_126
    + caseness

Recovered before, ended in May  F32  2013-04-03 to 2013-05-31
    2013-04-10   seen 02 07   PHQ9_Score 15  GAD7Score 12
    2013-05-17   seen 02 07   PHQ9_Score 5   GAD7Score 3

Asked by its own measure  F431  2013-05-03 to 2013-06-20
    2013-05-10   seen 02 07   PHQ9_Score 15  PTSD_Score 50
    2013-05-17   seen 02 07   PHQ9_Score 15  PTSD_Score 45
    + ended finished finished_within_42 finished_within_126
    + paired caseness no_change adsm_problem adsm_appropriate

Asked by GAD-7 instead  F429  2013-05-03 to 2013-06-20
    2013-05-10   seen 02 07   PHQ9_Score 15  GAD7Score 12
    2013-05-17   seen 02 07   PHQ9_Score 15  GAD7Score 12
    + ended finished finished_within_42 finished_within_126
    + paired caseness no_change adsm_problem

Panic has no measure of its own yet  F410  2013-05-03 to 2013-06-20
    2013-05-10   seen 02 07   PHQ9_Score 15  PanicScore 20
    2013-05-17   seen 02 07   PHQ9_Score 15  PanicScore 20
    + ended finished finished_within_42 finished_within_126
    + caseness

Assessed on the first of June  F32  2013-05-10 to now
    2013-06-01   seen 01
    + assessed assessed_28  open waiting waiting_over_28 waiting_29_56

Assessed in May, after 30 days  F32  2013-05-01 to now
    2013-05-31   seen 01
    + open waiting waiting_over_28 waiting_57_90

Assessed in May, after 60 days  F32  2013-04-01 to now
    2013-05-31   seen 01
    + open waiting waiting_over_28 waiting_57_90

Assessed in May, after 91 days  F32  2013-03-01 to now
    2013-05-31   seen 01
    + open waiting waiting_over_28 waiting_over_90

Treated on the first of June  F32  2013-05-10 to now
    2013-06-01   seen 02 07
    + entered entered_28 entered_within_42 entered_within_126  open open_60

Treated on the last of May, after 60 days  F32  2013-04-01 to now
    2013-05-31   seen 02 07
    + open open_60

Treated on the last of May, after 91 days  F32  2013-03-01 to now
    2013-05-31   seen 02 07
    + open open_60

Treated on the last of May, after 127 days  F32  2013-01-24 to now
    2013-05-31   seen 02 07
    + open open_60

Treated after 56 days  F32  2013-05-01 to now
    2013-06-26   seen 02 07
    + entered entered_29_56 entered_over_42 entered_within_126  open open_60

Treated after 90 days  F32  2013-04-01 to now
    2013-06-30   seen 02 07
    + entered entered_57_90 entered_over_42 entered_within_126  open open_60

Once more on the first of June  F32  2013-05-10 to now
    2013-05-20   seen 02 07
    2013-06-01   seen 02 07
    + second second_28  open open_60

Once more on the last of May, after 60 days  F32  2013-03-10 to now
    2013-04-01   seen 02 07
    2013-05-31   seen 02 07
    + open open_60

Once more on the last of May, after 91 days  F32  2013-02-10 to now
    2013-03-01   seen 02 07
    2013-05-31   seen 02 07
    + open open_60

Ended, last treated 61 days before the end of June  F32  2013-04-10 to 2013-06-20
    2013-04-30   seen 02 07
    + ended ended_treated_once

Ended, last treated 91 days before the end of June  F32  2013-03-10 to 2013-06-20
    2013-03-31   seen 02 07
    + ended ended_treated_once

Ended, last treated 121 days before the end of June  F32  2013-02-10 to 2013-06-20
    2013-03-01   seen 02 07
    + ended ended_treated_once

An anxiety score alone  F32  2013-05-03 to 2013-06-20
    2013-05-10   seen 02 07   GAD7Score 12
    2013-05-17   seen 02 07   GAD7Score 5
    + ended finished finished_within_42 finished_within_126
    + caseness

Recovered and ended in May, sent again  F32  2013-05-03 to 2013-05-31  sent 2013-05 2013-06
    2013-05-10   seen 02 07   PHQ9_Score 15  GAD7Score 12
    2013-05-17   seen 02 07   PHQ9_Score 5   GAD7Score 3

Well and ended in May, sent again  F32  2013-05-03 to 2013-05-31  sent 2013-05 2013-06
    2013-05-10   seen 02 07   PHQ9_Score 9   GAD7Score 7
    2013-05-17   seen 02 07   PHQ9_Score 9   GAD7Score 7

Worse and ended in May, sent again  F32  2013-05-03 to 2013-05-31  sent 2013-05 2013-06
    2013-05-10   seen 02 07   PHQ9_Score 12  GAD7Score 9
    2013-05-17   seen 02 07   PHQ9_Score 20  GAD7Score 9
"""

# Of April to June, as June is final.
QUARTER_TO_JUNE = """
In all three months, once  F32  2013-04-01 to 2013-06-30
    : sourcereferral B1
    2013-04-10   seen 01 07   PHQ9_Score 15  GAD7Score 12
    2013-05-10   seen 02 07
    2013-06-10   seen 02 07   PHQ9_Score 5   GAD7Score 3
    + received received_self  assessed assessed_28
    + entered entered_28 entered_within_42 entered_within_126  second second_over_28
    + ended finished finished_within_42 finished_within_126
    + paired caseness recovered improved recovered_reliably

Ended in April  F32  2013-03-01 to 2013-04-30
    2013-04-10   seen 01
    + assessed assessed_29_56  ended ended_not_treated

Ended in March  F32  2013-02-01 to 2013-03-31
    2013-03-10   seen 01

Open still  F32  2013-05-01 to now
    2013-05-10   seen 02 07
    + received received_source_unknown
    + entered entered_28 entered_within_42 entered_within_126
    + open open_60

Waits since April for treatment  F32  2013-04-02 to now
    + received received_source_unknown
    + open waiting waiting_over_28 waiting_57_90

Sent in April and May, never ended  F32  2013-04-03 to now  sent 2013-04 2013-05
    2013-04-10   seen 02 07
    + received received_source_unknown
    + entered entered_28 entered_within_42 entered_within_126

Ended after the last month that was sent  F32  2013-04-03 to 2013-06-10  sent 2013-04 2013-05
    + received received_source_unknown

May was not sent  F32  2013-04-03 to 2013-06-30  sent 2013-04 2013-06
    2013-04-10   seen 02 07
    2013-05-10   seen 02 07
    2013-06-10   seen 02 07
    + received received_source_unknown
    + entered entered_28 entered_within_42 entered_within_126  second second_over_28
    + ended finished finished_within_42 finished_within_126  caseness

Late within the quarter  F32  2013-04-30 to 2013-06-10  sent 2013-05 2013-06
    + received received_source_unknown  ended ended_not_seen

Late from before the quarter  F32  2013-03-31 to 2013-06-10  sent 2013-05 2013-06
    + received_late  ended ended_not_seen

Sent before the quarter and in it  F32  2013-03-31 to 2013-06-10  sent 2013-03 2013-06
    + ended ended_not_seen

Treated before the quarter, once more in it  F32  2013-03-01 to now
    2013-03-10   seen 02 07
    2013-05-10   seen 02 07
    + second second_over_28  open open_60

The newest instance counts  F32  2013-04-03 to now  sent 2013-04
    : sourcereferral A1

The newest instance counts  F32  2013-04-04 to 2013-05-20  sent 2013-05
    : sourcereferral B1
    + received received_self  ended ended_not_seen
"""
