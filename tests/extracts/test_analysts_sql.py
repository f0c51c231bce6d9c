"""What analysts' published SQL does with an extract: two months of one recipient, stacked in tables
of the national names, asked the way their scripts ask."""

import csv
import io
from datetime import date
from random import Random
from typing import Any

import pytest
from django.db import connection

from accounts.models import Organisation, User
from extracts import specification
from extracts.building import build, prepare
from extracts.numbers import Wanted
from submissions.models import Window
from tests.extracts.pathways import Records, read
from tests.extracts.reading import Table, members, tables
from tests.extracts.test_by_hand import generated

TYPES = {"int": "int", "bigint": "bigint", "decimal": "numeric", "date": "date"}
Stacked = dict[str, Table]


@pytest.fixture
def stacked(everybody: dict[str, User]) -> Stacked:
    """May as final and June as provisional data of 91A, loaded as `referral_v15` and so on; and the
    same rows as Python has them."""
    records = Records(Window.objects.get(primary_period=date(2013, 6, 1)), everybody["Erin"])
    generated(Random(15), records)
    run, payer = records.run(), Organisation.objects.get(code="91A")
    found: Stacked = {name: [] for name in specification.TABLES}
    for name in specification.TABLES:
        columns = ", ".join(
            f"{one.name} {TYPES.get(one.sql_type, one.sql_type).replace('datetime', 'timestamp')}"
            for one in specification.columns_for(name, own=False)
        )
        ask(f"CREATE TEMPORARY TABLE {name}_v15 ({columns})")
    for stage in ("R", "P"):
        prepare(run, stage, [payer])
        (built,) = build([Wanted(run, stage, run.window.period(stage), payer)])
        zipped = built.content
        for name, data in members(zipped).items():
            if name.endswith(".csv"):
                load(name.removesuffix(".csv"), data)
        for name, rows in tables(zipped).items():
            found[name] += rows
    return found


def ask(query: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(query)


def load(name: str, data: bytes) -> None:
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY {name}_v15 FROM STDIN WITH (FORMAT csv, HEADER)") as copy,
    ):
        copy.write(data)


def one(query: str) -> dict[str, Any]:
    (row,) = read(query)
    return row


def of_june(stacked: Stacked) -> Table:
    return [row for row in stacked["Referral"] if row["IC_SOURCE_PERIOD_ID"] == "1359"]


def test_monthly_core_figures(stacked: Stacked) -> None:
    """Person by the record number alone, Header by HEADER_ID, pathways counted once."""
    asked = one("""
        SELECT count(DISTINCT CASE WHEN r.enddate BETWEEN h.start_date AND h.end_date
                                    AND ic_count_treatment_appointments >= 2
                              THEN ic_pathway_id END) AS finished,
               count(DISTINCT CASE WHEN r.enddate BETWEEN h.start_date AND h.end_date
                                    AND ic_count_treatment_appointments >= 2
                                    AND ic_not_caseness_flag = 'Y' THEN ic_pathway_id END) AS below,
               count(DISTINCT CASE WHEN r.enddate BETWEEN h.start_date AND h.end_date
                                    AND ic_count_treatment_appointments >= 2
                                    AND ic_recovery_flag = 'Y' THEN ic_pathway_id END) AS recovered,
               count(DISTINCT CASE WHEN ic_date_first_therapeutic_session
                                    BETWEEN h.start_date AND h.end_date
                              THEN ic_pathway_id END) AS entered,
               count(DISTINCT CASE WHEN ic_date_first_therapeutic_session
                                    BETWEEN h.start_date AND h.end_date
                                    AND ic_date_first_therapeutic_session - refrecdate <= 42
                              THEN ic_pathway_id END) AS within_six_weeks
        FROM referral_v15 r
        JOIN person_v15 p ON p.iapt_record_number = r.iapt_record_number
        JOIN header_v15 h ON h.header_id = p.header_id
        WHERE h.start_date = '2013-06-01' AND r.ic_use_pathway_flag = 'Y'""")
    june = of_june(stacked)
    finished = [
        row
        for row in june
        if row["ENDDATE"] >= "2013-06-01" and int(row["IC_COUNT_TREATMENT_APPOINTMENTS"]) > 1
    ]
    entered = [r for r in june if r["IC_DATE_FIRST_THERAPEUTIC_SESSION"] >= "2013-06-01"]
    waits = [
        (date.fromisoformat(day) - date.fromisoformat(row["REFRECDATE"])).days
        for row in entered
        if (day := row["IC_DATE_FIRST_THERAPEUTIC_SESSION"])
    ]
    assert asked == {
        "finished": len(finished),
        "below": sum(row["IC_NOT_CASENESS_FLAG"] == "Y" for row in finished),
        "recovered": sum(row["IC_RECOVERY_FLAG"] == "Y" for row in finished),
        "entered": len(entered),
        "within_six_weeks": sum(days <= 42 for days in waits),
    }
    assert min(asked.values()) > 0


def test_invariants_of_published_figures(stacked: Stacked) -> None:
    """Of every month: caseness parts the finished; nobody is two of the three changes."""
    for row in read("""
        SELECT ic_source_period_id, count(*) FILTER (WHERE ic_completed_treatment_flag = 'Y') AS done,
               count(ic_caseness_flag) AS above, count(ic_not_caseness_flag) AS below,
               count(ic_recovery_flag) AS recovered, count(ic_reliable_recovery_flag) AS reliably,
               count(ic_reliable_improv_flag) AS better, count(ic_reliable_deter_flag) AS worse,
               count(ic_no_change_flag) AS same,
               count(*) FILTER (WHERE ic_completed_treatment_flag = 'Y'
                    AND ic_last_phq9 IS NOT NULL AND ic_last_adsm_score IS NOT NULL) AS paired
        FROM referral_v15 WHERE ic_use_pathway_flag = 'Y' GROUP BY 1"""):
        values: dict[str, Any] = row
        assert values["above"] + values["below"] == values["done"] > 0
        assert values["better"] + values["worse"] + values["same"] == values["paired"] > 0
        assert values["reliably"] <= min(values["recovered"], values["better"])
        assert values["recovered"] <= values["above"]


def test_measures_and_descriptors_as_the_cquin_script_reads_them(stacked: Stacked) -> None:
    wrong = read("""
        SELECT ic_provdiag, ic_adsm, ic_probdesc_secondary FROM referral_v15 r
        JOIN person_v15 p ON r.iapt_record_number = p.iapt_record_number
        JOIN header_v15 h ON p.header_id = h.header_id
        WHERE h.month_id BETWEEN 1358 AND 1359 AND (p.lad_ua LIKE 'E%' OR p.lad_ua IS NULL)
          AND ic_use_pathway_flag = 'Y' AND ic_adsm <> 'GAD7'
          AND NOT ((ic_probdesc_secondary = 'Obsessive-compulsive disorder' AND ic_adsm = 'OCD')
            OR (ic_probdesc_secondary = 'Social phobias' AND ic_adsm = 'SOCIAL_PHOBIA_INVENTORY')
            OR (ic_provdiag = 'F452' AND ic_adsm = 'ANXIETY_INVENTORY')
            OR (ic_probdesc_secondary = 'Agoraphobia' AND ic_adsm = 'AGORA_MOB_ALONE')
            OR (ic_probdesc_secondary = 'Post-traumatic stress disorder' AND ic_adsm = 'PTSD'))""")
    assert wrong == []
    assert one("SELECT count(DISTINCT ic_adsm) AS measures FROM referral_v15")["measures"] > 3


def test_newest_instance_of_a_pathway_over_months(stacked: Stacked) -> None:
    """MAX of the record number and MAX of REFERRAL_ID find the same, newest, row."""
    rows: list[Any] = read("""
        WITH newest AS (
            SELECT ic_pathway_id::varchar(100) AS pathway, max(iapt_record_number::bigint) AS record,
                   max(referral_id) AS referral
            FROM referral_v15 GROUP BY 1)
        SELECT r.ic_source_period_id AS month, n.pathway, r.referral_id, n.referral
        FROM newest n JOIN referral_v15 r
          ON r.iapt_record_number::bigint = n.record AND r.ic_pathway_id::varchar(100) = n.pathway""")
    assert len(rows) == len({row["IC_PATHWAY_ID"] for row in stacked["Referral"]})
    months: dict[str, int] = {}
    for row in stacked["Referral"]:
        months[row["IC_PATHWAY_ID"]] = int(row["IC_SOURCE_PERIOD_ID"])
    for row in rows:
        assert row["referral_id"] == row["referral"]
        assert row["month"] == months[row["pathway"]]


def test_quarter_flag_picks_each_pathway_once(stacked: Stacked) -> None:
    counted = one("""
        SELECT count(*) AS flagged, count(DISTINCT ic_pathway_id) AS pathways
        FROM referral_v15 WHERE ic_use_qtr_referral_flag = 'Y'""")
    assert counted["flagged"] == counted["pathways"]
    assert counted["pathways"] == len({row["IC_PATHWAY_ID"] for row in stacked["Referral"]})


def test_time_in_treatment_and_success(stacked: Stacked) -> None:
    """Appointments join by record number and person; persons by pseudonym over both months."""
    counted = one("""
        SELECT count(DISTINCT r.referral_id) AS referrals, count(DISTINCT p.pseudonumber) AS persons,
               count(DISTINCT a.appointment_id) AS appointments,
               count(*) FILTER (WHERE ic_date_last_appointment < ic_date_first_assessment) AS wrong
        FROM referral_v15 r
        JOIN person_v15 p ON p.iapt_person_id = r.iapt_person_id
                         AND p.iapt_record_number = r.iapt_record_number
        LEFT JOIN appointment_v15 a ON a.referral_id = r.referral_id
              AND a.iapt_record_number = r.iapt_record_number
              AND a.iapt_person_id = r.iapt_person_id""")
    assert counted["referrals"] == len(stacked["Referral"])
    assert counted["appointments"] == len(stacked["Appointment"])
    assert counted["persons"] == len({row["IAPT_PERSON_ID"] for row in stacked["Person"]})
    assert counted["wrong"] == 0


def test_what_the_scripts_read_is_filled(stacked: Stacked) -> None:
    for name in ("IC_CCG", "ORGCODECOMM", "ORGCODEPROVIDER", "IC_PATHWAY_ID", "IC_ADSM"):
        assert all(row[name] for row in stacked["Referral"]), name
    record = next(csv.reader(io.StringIO(stacked["Person"][0]["IAPT_RECORD_NUMBER"])))[0]
    assert record.isdigit()
    assert not record.startswith("0")
