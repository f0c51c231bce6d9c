"""Words that several rules share: what to do, and where a rule comes from."""

# What to do.
LIST = "Use one of the codes of the data dictionary's list for this item."
BLANK = "Ask for it at the next contact, and enter the code for not stated or not known meanwhile."
DATE = "Enter a real date as YYYY-MM-DD or DD/MM/YYYY, with the year in four digits."
SCORE = "Check the questionnaire: an answer may have been counted twice or typed wrongly."
IDENTIFIER = (
    "Letters, digits, space and / - _ . are allowed, at most 20, the first one a letter or digit. "
    "A spreadsheet may have changed it."
)
ODS = "Look the code up in the ODS directory; it must have been open in the period."

# Where it comes from.
CHOICE = "Design choice of this portal."
MANDATORY = "NHS Data Dictionary: the item is mandatory in the data set's later version."
CODES = "NHS Data Dictionary: the permitted codes of the item."
LIBRARY = "NHS England's description of the national IAPT tables"
MEASURED = "HSCIC's monthly data quality reports of 2012-13 measured the item."
SCRIPT = "the codes that a published research script reads in a provider's own extract"
SCORES = f"{LIBRARY}: the range of the score."
QUESTIONNAIRE = "The questionnaire's own range; no paper of the data set was found that gives it."
ODS_TEST = f"{LIBRARY}: organisation codes were tried against the ODS directory."
ORPHAN = "Design choice of this portal: a row without its parent can be counted nowhere."
TWICE = "Design choice of this portal: the key of the table is unique."
IN_THE_PERIOD = "Design choice of this portal; the rules of inclusion of the time were not found."
