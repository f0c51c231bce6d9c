"""How often each code occurs among invented people: roughly as in published reports of the time.

Only codes that no rule objects to. Codes of the data set stand in `validation/dataset/codes.csv`.
"""

from validation.sample.dice import Mix

# Whole months from the first to the last month of a referral.
STAY: Mix = {"1": 14, "2": 14, "3": 17, "4": 16, "5": 13, "6": 10, "8": 8, "11": 5, "16": 3}
# Completed years when the referral is received, each within so many years from the first.
AGE_FROM: Mix = {"16": 2, "18": 16, "26": 25, "36": 23, "46": 19, "56": 9, "66": 4, "76": 2}
AGE_SPAN = {16: 2, 18: 8, 26: 10, 36: 10, 46: 10, 56: 10, 66: 10, 76: 14}

PERSON: dict[str, Mix] = {
    "NHSNoStatus": {"01": 92, "02": 8},
    "Gender": {"1": 36, "2": 64},
    "Ethnicity": {
        **{"A": 780, "B": 10, "C": 40, "D": 8, "E": 3, "F": 5, "G": 6, "H": 20, "J": 20, "K": 8},
        **{"L": 10, "M": 15, "N": 12, "P": 8, "R": 4, "S": 12, "Z": 25, "99": 14},
    },
    "ReligiousGroup": {"A": 1, "B": 1, "C": 50, "D": 2, "F": 1, "G": 5, "I": 1, "L": 25, "N": 14},
    "SexualOrientation": {"1": 88, "2": 3, "3": 2, "4": 1, "Z": 6},
    "BAFIndicator": {"02": 2, "03": 80, "05": 2, "UU": 10, "ZZ": 6},
    "LTCondition": {"Y": 25, "N": 60, "U": 5, "Z": 10},
}
# No code of a real practice begins with Q, and no real postcode with QX.
PRACTICES: Mix = {f"Q99{number:03}": 40 - number for number in range(1, 31)} | {"V81999": 12}
POSTCODE_AREA = "QX"

DISABILITY: Mix = {
    "NN": 45,
    "01": 8,
    "02": 7,
    "04": 7,
    "05": 14,
    "07": 3,
    "08": 9,
    "09": 4,
    "XX": 3,
}

REFERRAL: dict[str, Mix] = {
    "SourceReferral": {
        **{"A1": 660, "A3": 20, "B1": 240, "B2": 3, "C1": 6, "D1": 4, "G4": 5, "H1": 4, "H2": 8},
        **{"J1": 25, "K1": 3, "M5": 5, "M6": 17},
    },
    "RecurInd": {"Y": 45, "N": 40, "U": 5, "Z": 10},
    "ServReqAccInd": {"Y": 96, "N": 4},
    "ProvDiag": {
        **{"F320": 8, "F321": 14, "F329": 12, "F331": 6, "F400": 3, "F401": 4, "F402": 3},
        **{"F410": 6, "F411": 14, "F412": 20, "F419": 3, "F422": 3, "F431": 4, "F452": 2},
    },
}
STEPPED_UP = "N1"
END_ASSESSED: Mix = {"10": 20, "11": 25, "12": 15, "13": 8, "14": 28, "97": 4}
END_TREATED: Mix = {"40": 6, "41": 2, "42": 54, "43": 30, "44": 6, "98": 2}
CARE_CLUSTER: Mix = {"00": 4, "01": 22, "02": 26, "03": 32, "04": 14, "05": 2}

# What stays through a referral, or changes once in its course.
STEADY: dict[str, Mix] = {
    "PrimaryRole": {"10": 12, "11": 8, "40": 30, "41": 10, "42": 28, "43": 6, "44": 4, "50": 2},
    "EmpStatus": {
        "01": 48,
        "02": 14,
        "03": 6,
        "04": 12,
        "05": 7,
        "06": 4,
        "07": 1,
        "08": 6,
        "ZZ": 2,
    },
    "PsychMed": {"01": 6, "02": 42, "03": 46, "UU": 3, "ZZ": 3},
    "SSPInd": {"Y": 7, "N": 86, "U": 3, "Z": 4},
}
CONSULTATION: Mix = {"01": 62, "02": 35, "03": 1, "05": 2}
ATTENDANCE: Mix = {"5": 76, "6": 4, "2": 8, "3": 9, "4": 2, "7": 1}
EMPLOYMENT_SUPPORT: Mix = {"Y": 8, "N": 62, "NA": 30}
TYPE_FIRST: Mix = {"01": 55, "03": 45}
TYPE_ASSESSED: Mix = {"01": 70, "04": 20, "07": 10}
TYPE_TREATED: Mix = {"02": 80, "05": 12, "04": 5, "07": 3}
THERAPY: Mix = {
    **{"01": 6, "02": 4, "03": 28, "04": 5, "05": 1, "06": 8, "07": 30, "08": 2, "09": 10},
    **{"10": 1, "11": 2, "12": 1, "13": 1, "14": 1},
}
SECOND_THERAPY: Mix = {"": 90, "02": 5, "14": 3, "06": 2}
CHOICE: Mix = {"Y": 70, "N": 20, "Z": 10}
SATISFACTION: Mix = {"4": 50, "3": 30, "2": 12, "1": 5, "0": 3}
