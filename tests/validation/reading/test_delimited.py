"""What senders call CSV, and what of it we read."""

import csv
import io
import os
import re
import threading

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from validation.reading import delimited, encoding
from validation.reading.delimited import code_table, safe_name, safe_names, trim
from validation.sent import SentTable, Unreadable

HEADER = "OrgCodeProvider,LPTID,Disability"


def table_of(data: str | bytes, name: str = "Disability"):
    """The table, and its findings as (rule, column, line)."""
    table, findings = code_table(name, data.encode() if isinstance(data, str) else data)
    return table, [(found.rule, found.column, found.line) for found in findings]


def cells(table: SentTable) -> list[tuple[str, ...]]:
    columns = [[c.distinct[code] for code in c.codes] for c in table.columns.values()]
    return list(zip(*columns, strict=True))


def rows_of(data: str | bytes) -> list[tuple[str, ...]]:
    table, findings = table_of(data)
    assert findings == []
    return cells(table)


# Rows and lines --------------------------------------------------------------------------------


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_line_end_and_the_last_row_without_one(end):
    table, findings = table_of(end.join([HEADER, "RZ1,P1,02", "RZ1,P2,03"]))
    assert cells(table) == [("RZ1", "P1", "02"), ("RZ1", "P2", "03")]
    assert table.lines.tolist() == [2, 3]
    assert (table.rows, findings) == (2, [])


def test_mixed_line_ends_count_as_one_line_each():
    table, _ = table_of(f"{HEADER}\r\nRZ1,P1,02\rRZ1,P2,02\nRZ1,P3,02\r\n\rRZ1,P4,02\n\rRZ1,P5,02")
    assert table.columns["LPTID"].distinct == ["P1", "P2", "P3", "P4", "P5"]
    #       an empty line is before P4 (line 6) and before P5 (line 8)
    assert table.lines.tolist() == [2, 3, 4, 6, 8]


def test_a_quoted_cell_may_go_over_lines():
    table, findings = table_of(f'{HEADER}\r\nRZ1,"P\r\n1",02\r\nRZ1,"a\rb\nc",02\r\nRZ1,P3,02\r\n')
    assert cells(table) == [("RZ1", "P\r\n1", "02"), ("RZ1", "a\rb\nc", "02"), ("RZ1", "P3", "02")]
    assert table.lines.tolist() == [2, 4, 7]
    assert findings == []


def test_blank_rows_are_not_there():
    blank = ["", ",,", "  ,\t,", '"",,""', '" ", ,\u00a0', "\u3000,\ufeff,", " ", ","]
    table, findings = table_of("\n".join([HEADER, *blank, "RZ1,P1,02", *blank, "RZ1,P2,02", ""]))
    assert table.columns["LPTID"].distinct == ["P1", "P2"]
    assert table.lines.tolist() == [10, 19]
    assert (table.rows, findings) == (2, [])


def test_a_row_with_something_in_an_unknown_column_only_is_a_row():
    table, _ = table_of(f"{HEADER},Note\n,,,\n,,,seen\n,,, \n")
    assert table.rows == 1
    assert table.lines.tolist() == [3]


def test_line_and_paragraph_separators_end_no_line():
    assert rows_of(f"{HEADER}\nRZ1,a\u2028b,02\nRZ1,a\u0085b,\u000c1\n") == [
        ("RZ1", "a\u2028b", "02"),
        ("RZ1", "a\u0085b", "1"),
    ]


@pytest.mark.parametrize("end", ["\x1a", "\r\n\x1a", "\r\n\x1a\x1a"])
def test_the_end_of_file_of_old_programs_is_dropped(end):
    assert rows_of(f"{HEADER}\r\nRZ1,P1,02{end}") == [("RZ1", "P1", "02")]


def test_line_ends_alone_make_an_empty_table():
    for data in ("", "\n", "\r\n\r\n", " \n", "\ufeff", "\x1a"):
        table, findings = table_of(data)
        assert (table.rows, table.columns, findings) == (0, {}, [])


def test_the_header_may_come_after_blank_lines():
    table, _ = table_of(f"\n,,\n{HEADER}\nRZ1,P1,02\n")
    assert table.lines.tolist() == [4]


# Cells -----------------------------------------------------------------------------------------


def test_texts_that_other_readers_take_for_nothing_or_numbers():
    odd = ["NaN", "NA", "null", "None", "n/a", "1e5", "007", "-0", "1,000", "#N/A", "#", "inf"]
    data = HEADER + "".join(f'\n"{text}",{text.replace(",", "")},True' for text in odd)
    assert [row[0] for row in rows_of(data)] == odd
    assert {row[2] for row in rows_of(data)} == {"True"}


def test_quotes():
    assert rows_of(
        f'{HEADER}\n"a,b","say ""no""",""""\n"",ab"c,"x"\n "a",b"",c"d"e\n"""",";",\'\n'
    ) == [
        ("a,b", 'say "no"', '"'),
        ("", 'ab"c', "x"),
        ('"a"', 'b""', 'c"d"e'),
        ('"', ";", "'"),
    ]


def test_white_space_around_a_text_is_trimmed():
    around = [" ", "\t", "\u00a0", "\u2007", "\u202f", "\u3000", "\ufeff", "\x0b"]
    data = HEADER + "".join(f'\n{s}RZ1{s},"{s}P 1{s}{s}",{s}02' for s in around)
    table, _ = table_of(data)
    assert [column.distinct for column in table.columns.values()] == [["RZ1"], ["P 1"], ["02"]]


def test_a_text_that_is_quoted_padded_and_plain_is_one():
    table, _ = table_of(f'{HEADER}\nRZ1,P1,02\nRZ1 ,"P1","02"\n"RZ1"," P1", 02\n')
    assert [column.distinct for column in table.columns.values()] == [["RZ1"], ["P1"], ["02"]]


def test_cells_of_any_length():
    lengths = [1, 7, 8, 9, 15, 16, 17, 31, 32, 33, 40, 64, 65, 1000, 100_000]
    texts = ["".join(chr(65 + n % 26) for n in range(size)) for size in lengths]
    twins = [text[:-1] + "#" for text in texts]
    table, _ = table_of(HEADER + "".join(f"\nRZ1,{t},x" for t in texts + twins + texts))
    assert table.columns["LPTID"].distinct == texts + twins
    assert table.columns["LPTID"].codes.tolist() == [*range(30), *range(15)]


@pytest.mark.parametrize(("count", "kind"), [(255, "u1"), (256, "u2"), (65_535, "u2")])
def test_codes_are_of_the_smallest_type_for_their_number(count, kind):
    table, _ = table_of(HEADER + "".join(f"\nRZ1,P{n},x" for n in range(count)))
    assert table.columns["LPTID"].codes.dtype == kind
    assert table.columns["OrgCodeProvider"].codes.dtype == "u1"


# Header ----------------------------------------------------------------------------------------


def test_columns_go_by_name_in_any_order_and_case():
    table, findings = table_of('\ufeff disability ,"OrgCodeProvider",LPTid\n02,RZ1,P1\n')
    assert set(table.columns) == {"OrgCodeProvider", "LPTID", "Disability"}
    assert table.columns["Disability"].distinct == ["02"]
    assert findings == []


def test_a_missing_column_is_simply_not_there():
    table, findings = table_of("LPTID\nP1\n")
    assert (list(table.columns), table.rows, findings) == (["LPTID"], 1, [])


def test_the_same_column_twice():
    _, findings = table_of("LPTID,Disability,lptid \nP1,02,P2\n")
    assert findings == [("F06", "LPTID", None)]


def test_unknown_columns_are_named_but_not_read():
    table, findings = table_of(
        f"{HEADER},SURNAME,Per\u017fon,,<b>\u202e{'x' * 99}\nRZ1,P1,02,ZZ,a,,c\n"
    )
    assert table.unknown == ("SURNAME", "Per\u017fon", "<b>_" + "x" * 55 + "…")
    assert findings == []
    assert "ZZ" not in repr(table)


def test_a_column_without_a_name_counts_where_something_stands_in_it():
    empty, findings = table_of(f"{HEADER},, \nRZ1,P1,02,,\nRZ1,P2,02, ,\n")
    assert (empty.rows, empty.unknown, findings) == (2, (), [])
    filled, findings = table_of(f"{HEADER},, \nRZ1,P1,02,,\nRZ1,P2,02,,ZZ\n")
    assert (filled.rows, filled.unknown, findings) == (2, ("(no name)",), [])
    assert "ZZ" not in repr(filled)


def test_homoglyphs_are_other_names():
    table, _ = table_of("L\u0420TID,Disability\nP1,02\n")
    assert "LPTID" not in table.columns


def test_five_thousand_columns():
    names = ",".join(f"c{n}" for n in range(5000))
    table, findings = table_of(f"LPTID,{names}\nP1{',' * 5000}\n")
    assert (table.rows, len(table.unknown), findings) == (1, 101, [])
    assert table.unknown[-1] == "and 4,900 more"


def test_a_first_line_of_values_is_not_shown():
    table, (found,) = code_table("Person", b"RZ1,P1,9434765919,1980-01-01\nRZ1,P2,9434765870,\n")
    assert (found.rule, found.column) == ("F06", None)
    assert (table.columns, table.unknown, table.rows) == ({}, (), 0)
    assert "9434765919" not in found.words


def test_semicolons_are_spoken_of():
    _, (found,) = code_table("Disability", HEADER.replace(",", ";").encode())
    assert "comma" in found.words


# Not well-formed -------------------------------------------------------------------------------


def test_rows_of_the_wrong_width_are_named_and_nothing_shifts():
    table, findings = table_of(f"{HEADER}\nRZ1,P1,02\nRZ1,P2\nRZ1,P3,02,\n\nRZ1,P4,02\n")
    assert findings == [("F17", None, 3), ("F17", None, 4)]
    assert cells(table) == [("RZ1", "P1", "02"), ("RZ1", "P4", "02")]


def test_only_the_first_ragged_rows_are_named():
    _, findings = table_of(HEADER + "\nRZ1,P1" * 100_000)
    assert findings == [("F17", None, line) for line in range(2, 22)]


@pytest.mark.parametrize(
    "rest",
    [
        '\nRZ1,"P1,02\nRZ1,P2,02\n',
        '\nRZ1,"P1,02\nRZ1,P2,02\nRZ1,"P3",02\n',
        '\nRZ1,"P""1,02\nRZ1,P2,02',
        '\nRZ1,"P1"x,02\nRZ1,P2,02\n',
        '\nab"c,"P1,02\nRZ1,P2,02\n',
        '\nab"c,"P1"x,02\nRZ1,P2,02\n',
        '\nRZ1,"' + "P1,02\n" * 400_000,
    ],
)
def test_a_quote_that_is_not_closed_is_found_where_it_opens(rest):
    table, findings = table_of(f"{HEADER}\nRZ1,P0,02{rest}")
    assert findings == [("F17", None, 3)]
    assert table.columns["LPTID"].distinct == ["P0"]


def test_a_row_without_end():
    _, findings = table_of(f"{HEADER}\nRZ1,P0,02\nRZ1,{'x' * 3_000_000},02\n")
    assert findings == [("F17", None, 3)]


def test_too_many_rows():
    with pytest.raises(Unreadable, match="more than"):
        code_table("Disability", (HEADER + "\nRZ1,P1,02" * 11).encode(), most_rows=11)
    assert code_table("Disability", (HEADER + "\nRZ1,P1,02" * 10).encode(), most_rows=11)


# Encodings -------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_unicode_is_read_with_and_without_a_mark(code, end):
    data = end.join([HEADER, "RZ1,Zoë,02", 'RZ1,"\U0001f600 ""x""",03', ""])
    assert rows_of(data.encode(code)) == [("RZ1", "Zoë", "02"), ("RZ1", '\U0001f600 "x"', "03")]


def test_utf_16_of_either_order():
    for mark, code in ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")):
        assert rows_of(mark + f"{HEADER}\nRZ1,Zoë,02".encode(code)) == [("RZ1", "Zoë", "02")]


def test_windows_1252_is_said():
    table, findings = table_of(f"{HEADER}\nRZ1,Zoë,02\nRZ1,“x”\u00a0,03\n".encode("cp1252"))
    assert table.columns["LPTID"].distinct == ["Zoë", "“x”"]
    assert findings == [("F15", None, None)]


def test_one_wrong_byte_makes_the_whole_windows_1252():
    table, findings = table_of(f"{HEADER}\nRZ1,Zoë,02\n".encode() + b"RZ1,\xe9,02\n")
    assert table.columns["LPTID"].distinct == ["ZoÃ«", "é"]
    assert findings == [("F15", None, None)]


@pytest.mark.parametrize(
    ("data", "line"),
    [
        (HEADER.encode() + b"\r\nRZ1,Zo\xeb,02\r\nRZ1,\x81,02\r\n", 3),
        (HEADER.encode() + b'\n\nRZ1,"a\nb\r\x8d",02\n', 5),
        (HEADER.encode() + b"\nRZ1,P\x001,02\n", 2),
        (HEADER.encode() + b'\nRZ1,"P1,02\nRZ1,\0,02\n', 3),
        (b"\xef\xbb\xbf" + HEADER.encode() + b"\nRZ1,\xe9,02\n", 2),
        (b"\xef\xbb\xbf" + HEADER.encode() + b"\nRZ1,\xc0\xafx,02\n", 2),
        (b"\xef\xbb\xbf" + HEADER.encode() + b"\nRZ1,\xed\xa0\x80,02\n", 2),
        (b"\xff\xfe" + f"{HEADER}\nRZ1,".encode("utf-16-le") + b"\x00\xd8a\0", 2),
        (b"\xff\xfe" + f"{HEADER}\r\nRZ1,P1,02\r\n".encode("utf-16-le") + b"x", 3),
        # valid UTF-8 whose second byte Windows-1252 does not know, then a byte that is neither
        (HEADER.encode() + "\nRZ1,Á,02\n".encode() + b"RZ1,\xe9,02\n", 3),
    ],
)
def test_bytes_that_are_no_text_are_refused_with_their_line(data, line):
    with pytest.raises(Unreadable) as refusal:
        code_table("Disability", data)
    assert (refusal.value.table, refusal.value.line) == ("Disability", line)


def test_a_last_character_cut_in_two_is_seen_at_the_seam_of_blocks(monkeypatch):
    monkeypatch.setattr(encoding, "BLOCK", 1)
    assert rows_of(f"{HEADER}\r\nRZ1,Zoë,02\r\n".encode()) == [("RZ1", "Zoë", "02")]


# Names -----------------------------------------------------------------------------------------


def test_names_are_safe_to_show():
    assert safe_name("a\r\nb\0c\u202ed\u2028e\ud800") == "a__b_c_d_e_"
    assert safe_name(" \t") == "(no name)"
    assert safe_name("x" * 60_000) == "x" * 59 + "…"
    assert len(safe_names(["x"] * 60_000)) == 101
    assert trim("\ufeff a\u00a0b \u3000") == "a\u00a0b"


# As the csv module reads it --------------------------------------------------------------------

texts = st.text(st.sampled_from('ab",\n\r \u00a0é€\u2028'), max_size=12)


def line_by_line(rows, end: str, quote_all: bool) -> list[str]:
    """The rows as RFC 4180 writes them."""
    plain = re.compile(r'[^",\r\n]*')
    return [
        ",".join(
            text if plain.fullmatch(text) and not quote_all else '"' + text.replace('"', '""') + '"'
            for text in row
        )
        + end
        for row in rows
    ]


@given(
    rows=st.lists(st.tuples(texts, texts, texts), max_size=12),
    end=st.sampled_from(["\n", "\r\n", "\r"]),
    quote_all=st.booleans(),
    size=st.integers(1, 64),
)
@example(rows=[("a\r", "", "b" * 12)], end="\r\n", quote_all=True, size=1)
def test_what_the_csv_module_reads_we_read_alike(rows, end, quote_all, size):
    """In blocks of any size, and with each row's line as an editor counts them."""
    written = line_by_line([HEADER.split(","), *rows], end, quote_all)
    read = list(csv.reader(io.StringIO("".join(written), newline=""), strict=True))[1:]
    table, findings = in_blocks(size, "".join(written))
    filled = [place for place, row in enumerate(read) if any(map(trim, row))]
    assert cells(table) == [tuple(map(trim, read[place])) for place in filled]
    begins = ["".join(written[: place + 1]) for place in filled]
    assert table.lines.tolist() == [1 + len(re.findall("\r\n|\r|\n", text)) for text in begins]
    assert findings == []


def in_blocks(size: int, data: str):
    before, encoding.BLOCK = encoding.BLOCK, size
    try:
        return table_of(data)
    finally:
        encoding.BLOCK = before


@given(st.text(st.sampled_from('ab",\n\r'), max_size=40), st.integers(1, 9))
def test_any_text_at_all_is_read_as_strict_csv_or_named(text, size):
    """Where strict csv finds rows of three cells we find the same; else it is F17."""
    data = f"{HEADER}\n{text}"
    table, findings = in_blocks(size, data)
    try:
        read = [row for row in csv.reader(io.StringIO(data, newline=""), strict=True)][1:]
    except csv.Error:
        assert "F17" in {rule for rule, _, _ in findings}
        return
    rows = [tuple(map(trim, row)) for row in read if any(map(trim, row))]
    assert cells(table) == [row for row in rows if len(row) == 3]
    assert len(findings) == sum(len(row) != 3 for row in rows)


# Streams ---------------------------------------------------------------------------------------


def test_a_pipe_is_read_as_it_comes():
    source, sink = os.pipe()

    def print_slowly():
        with os.fdopen(sink, "wb", buffering=0) as out:
            for byte in f"{HEADER}\r\nRZ1,Zoë,02\r\n".encode():
                out.write(bytes([byte]))

    printer = threading.Thread(target=print_slowly)
    printer.start()
    with os.fdopen(source, "rb", buffering=0) as stream:
        table, findings = code_table("Disability", stream, lines=False)
    printer.join()
    assert (cells(table), table.lines, findings) == ([("RZ1", "Zoë", "02")], None, [])


def test_many_blocks_give_the_same_as_one(monkeypatch):
    rows = "".join(f'RZ1,P{n % 97},"{n % 11:02d}"\r\n' for n in range(5000))
    whole, _ = table_of(f"{HEADER}\r\n{rows}")
    monkeypatch.setattr(encoding, "BLOCK", 1000)
    parts, _ = table_of(f"{HEADER}\r\n{rows}")
    assert cells(parts) == cells(whole)
    assert np.array_equal(parts.lines, whole.lines)
    assert delimited.MOST_ROWS == 3_000_000
