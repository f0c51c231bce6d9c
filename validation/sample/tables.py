"""The month's numbers as the texts of the Person, Disability and Referral tables.

Each function takes the month and the places of some rows, and gives the texts by column.
"""

import numpy as np

from validation.sample import mix
from validation.sample.dice import Ints, Texts
from validation.sample.month import Days, Month
from validation.sample.nhs_numbers import nhs_numbers

Columns = dict[str, Texts]
LONGEST_ONSET_MONTHS = 60


def texts(days: Days) -> Texts:
    return days.astype(str).astype(object)


def lptid(place: int, generation: int) -> str:
    return f"P{generation:04}{place:06}"


def service_id(place: int, generation: int, number: int) -> str:
    return f"S{generation:04}{place:06}-{number}"


def lptids(month: Month, persons: Ints) -> Texts:
    who = zip(month.place[persons].tolist(), month.generation[persons].tolist(), strict=True)
    return np.array([lptid(*one) for one in who], dtype=object)


def service_ids(month: Month, referrals: Ints) -> Texts:
    who = zip(*(numbers[referrals].tolist() for numbers in month.referral_who), strict=True)
    return np.array([service_id(*one) for one in who], dtype=object)


def same(text: str, like: Ints) -> Texts:
    return np.full(len(like), text, dtype=object)


def birth_dates(month: Month, persons: Ints) -> Days:
    """The birthday before the referral makes the age that was drawn."""
    who = (month.place[persons], month.generation[persons])
    first = month.dice.pick("age from", mix.AGE_FROM, *who).astype(np.int64)
    span = np.array([mix.AGE_SPAN[age] for age in first.tolist()], dtype=np.int64)
    age = first + month.dice.roll("age", span, *who)
    back = age * 1461 // 4 + 1 + month.dice.roll("birthday", 364, *who)
    return month.received[persons] - back


def sent_nhs_numbers(month: Month, persons: Ints) -> Ints:
    place = np.zeros(1, dtype=np.int64)
    offset = int(month.dice.roll("numbers", 10**6, place)[0])
    return nhs_numbers(month.place[persons], month.generation[persons], month.persons, offset)


def postcodes(month: Month, persons: Ints) -> Texts:
    who = (month.place[persons], month.generation[persons])
    rolled = zip(
        *(month.dice.roll(f"postcode {sides}", sides, *who).tolist() for sides in (30, 9, 21, 20)),
        strict=True,
    )
    inward = "ABDEFGHJLNPQRSTUWXYZX"
    return np.array(
        [
            f"{mix.POSTCODE_AREA}{district + 1} {sector + 1}{inward[first]}{inward[second]}"
            for district, sector, first, second in rolled
        ],
        dtype=object,
    )


def commissioners(month: Month, persons: Ints) -> Texts:
    codes = np.array(month.asked.commissioners, dtype=object)
    who = (month.place[persons], month.generation[persons])
    return codes[month.dice.roll("commissioner", len(codes), *who)]


def header(month: Month) -> dict[str, str]:
    asked = month.asked
    return {
        "DataSetVersion": asked.version,
        "OrgCodeProvider": asked.provider,
        "OrgCodeSubmitter": asked.provider,
        "PrimSystem": "Sample",
        "StartDate": str(asked.start),
        "EndDate": str(asked.end),
        "DateCreated": str(asked.end + 3),
    }


def person(month: Month, rows: Ints) -> Columns:
    who = (month.place[rows], month.generation[rows])
    commissioner = commissioners(month, rows)
    return {
        "OrgCodeProvider": same(month.asked.provider, rows),
        "LPTID": lptids(month, rows),
        "NHSNumber": sent_nhs_numbers(month, rows).astype(str).astype(object),
        "BirthDate": texts(birth_dates(month, rows)),
        "Postcode": postcodes(month, rows),
        "GMPC": month.dice.pick("GMPC", mix.PRACTICES, *who),
        "OrgCodeResidence": commissioner,
        "OrgCodeGPPractice": commissioner,
    } | {name: month.dice.pick(name, codes, *who) for name, codes in mix.PERSON.items()}


def disability(month: Month, rows: Ints) -> Columns:
    persons = month.disability_person[rows]
    return {
        "OrgCodeProvider": same(month.asked.provider, rows),
        "LPTID": lptids(month, persons),
        "Disability": disabilities(month, rows),
    }


def disabilities(month: Month, rows: Ints) -> Texts:
    """The first of a person from the mix; where there is a second, two different ones of it."""
    persons, number = month.disability_person[rows], month.disability_number[rows]
    who = (month.place[persons], month.generation[persons])
    real = np.array([code for code in mix.DISABILITY if code != "NN"], dtype=object)
    first = month.dice.roll("disability of two", len(real), *who)
    other = first + 1 + month.dice.roll("other disability", len(real) - 1, *who)
    of_two = np.isin(persons, month.disability_person[month.disability_number == 1])
    of_several = real[np.where(number == 0, first, other) % len(real)]
    return np.where(of_two, of_several, month.dice.pick("disability", mix.DISABILITY, *who))


def referral(month: Month, rows: Ints) -> Columns:
    persons = month.referral_person[rows]
    who = tuple(numbers[rows] for numbers in month.referral_who)
    received = month.referral_received[rows]
    picked = {name: month.dice.pick(name, codes, *who) for name, codes in mix.REFERRAL.items()}
    second = month.referral_number[rows] == 2
    picked["SourceReferral"] = np.where(second, mix.STEPPED_UP, picked["SourceReferral"])
    onset = received.astype("datetime64[M]") - month.dice.roll("onset", LONGEST_ONSET_MONTHS, *who)
    columns = picked | {
        "OrgCodeProvider": same(month.asked.provider, rows),
        "LPTID": lptids(month, persons),
        "ServiceID": service_ids(month, rows),
        "OrgCodeComm": commissioners(month, persons),
        "RefRecDate": texts(received),
        "OnsetDate": texts(onset),
        "EndDate": np.where(month.is_open[rows], "", texts(month.referral_ended[rows])),
        "EndCode": np.where(month.is_open[rows], "", end_codes(month, rows)),
    }
    if month.asked.version == "1.0P":
        columns["CareCluster"] = month.dice.pick("CareCluster", mix.CARE_CLUSTER, *who)
    return columns


def end_codes(month: Month, rows: Ints) -> Texts:
    who = tuple(numbers[rows] for numbers in month.referral_who)
    assessed = month.dice.pick("end assessed", mix.END_ASSESSED, *who)
    treated = month.dice.pick("end treated", mix.END_TREATED, *who)
    return np.where(month.is_treated[rows], treated, assessed)
