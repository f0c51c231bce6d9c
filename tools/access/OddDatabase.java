import com.healthmarketscience.jackcess.ColumnBuilder;
import com.healthmarketscience.jackcess.DataType;
import com.healthmarketscience.jackcess.Database;
import com.healthmarketscience.jackcess.DatabaseBuilder;
import com.healthmarketscience.jackcess.Table;
import com.healthmarketscience.jackcess.TableBuilder;
import java.io.File;
import java.io.IOException;
import java.math.BigDecimal;
import java.util.Date;
import java.util.GregorianCalendar;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Writes a database such as providers make by hand, for the tests of reading: other types than
 * the data set's, other tables and columns, a link. All values are invented.
 *
 * Usage: README.md beside this file. An .accdb (form 2010) gets a calculated column too.
 */
public class OddDatabase {
    public static void main(String[] words) throws IOException {
        boolean accdb = words[0].endsWith(".accdb");
        Database.FileFormat form = accdb ? Database.FileFormat.V2010 : Database.FileFormat.V2003;
        try (Database database = DatabaseBuilder.create(form, new File(words[0]))) {
            header(database);
            person(database, accdb);
            referral(database);
            appointment(database);
            others(database);
        }
    }

    static ColumnBuilder column(String name, DataType type) {
        ColumnBuilder column = new ColumnBuilder(name, type);
        if (type == DataType.TEXT) column.setLengthInUnits(50);
        if (type == DataType.NUMERIC) column.setPrecision(10).setScale(2);
        return column;
    }

    static void header(Database database) throws IOException {
        Table table = new TableBuilder("Header")
            .addColumn(column("DataSetVersion", DataType.TEXT))
            .addColumn(column("OrgCodeProvider", DataType.TEXT))
            .addColumn(column("StartDate", DataType.SHORT_DATE_TIME))
            .addColumn(column("EndDate", DataType.TEXT))
            .toTable(database);
        table.addRow("1.0", "RZ1", day(2013, 4, 1), "30/04/2013");
    }

    /** The name is not the data set's, nor are the types; three columns cannot be read at all. */
    static void person(Database database, boolean accdb) throws IOException {
        TableBuilder builder = new TableBuilder("pERSON")
            .addColumn(column("Extra, \"odd\"", DataType.TEXT))
            .addColumn(column("lptid", DataType.TEXT))
            .addColumn(column("NHSNumber", DataType.DOUBLE))
            .addColumn(column("NHSNoStatus", DataType.BYTE))
            .addColumn(column("BirthDate", DataType.SHORT_DATE_TIME))
            .addColumn(column("Postcode", DataType.MEMO))
            .addColumn(column("Gender", DataType.BOOLEAN))
            .addColumn(column("Ethnicity", DataType.OLE))
            .addColumn(column("GMPC", DataType.GUID))
            .addColumn(column("ReligiousGroup", DataType.DOUBLE))
            .addColumn(column("BAFIndicator", DataType.NUMERIC))
            .addColumn(column("LTCondition", DataType.MONEY));
        if (accdb) {
            builder.addColumn(new ColumnBuilder("SexualOrientation", DataType.TEXT)
                .setCalculatedInfo("Left([LPTID],1)"));
        }
        Table table = builder.toTable(database);
        String[] ids = {"a,\"b\"", "two\r\nlines", "\u00a0P3 \ufeff", "P4 \u00e9\u20ac"};
        int[] born = {1850, 1970, 1999, 4800};
        double[] religions = {1, 2.5, 3, 4};
        for (int i = 0; i < ids.length; i++) {
            Map<String, Object> row = new LinkedHashMap<>();
            row.put("Extra, \"odd\"", "never to be read");
            row.put("lptid", ids[i]);
            row.put("NHSNumber", 9990000018d + i);
            row.put("NHSNoStatus", i + 1);
            row.put("BirthDate", day(born[i], 2, 28));
            row.put("Postcode", "ZZ99 3WZ");
            row.put("Gender", true);
            row.put("Ethnicity", new byte[] {65});
            row.put("GMPC", "{32A59F01-AA34-3E29-453F-4523453CD2E6}");
            row.put("ReligiousGroup", religions[i]);
            row.put("BAFIndicator", new BigDecimal("2.00"));
            row.put("LTCondition", new BigDecimal("10"));
            table.addRowFromMap(row);
        }
    }

    /** Numbers for dates, and a date for a year and month. */
    static void referral(Database database) throws IOException {
        Table table = new TableBuilder("Referral")
            .addColumn(column("ServiceID", DataType.LONG))
            .addColumn(column("RefRecDate", DataType.DOUBLE))
            .addColumn(column("OnsetDate", DataType.SHORT_DATE_TIME))
            .addColumn(column("EndDate", DataType.SHORT_DATE_TIME))
            .addColumn(column("EndCode", DataType.INT))
            .toTable(database);
        Date end = new GregorianCalendar(2013, 3, 9, 16, 45, 0).getTime();
        table.addRow(1200, 41365d, day(2012, 1, 1), end, 10);
        table.addRow(-7, 41366d, null, day(2013, 4, 9), null);
    }

    /** Scores with decimals, and a date whose format shows the day alone. */
    static void appointment(Database database) throws IOException {
        Table table = new TableBuilder("Appointment")
            .addColumn(column("ServiceID", DataType.DOUBLE))
            .addColumn(column("Appointment", DataType.SHORT_DATE_TIME))
            .addColumn(column("AppointmentTime", DataType.SHORT_DATE_TIME)
                .putProperty("Format", DataType.TEXT, "Short Date"))
            .addColumn(column("PHQ9_Score", DataType.DOUBLE))
            .addColumn(column("GAD7Score", DataType.NUMERIC))
            .addColumn(column("AgoraScoreAcc", DataType.FLOAT))
            .addColumn(column("AgoraScoreAlone", DataType.DOUBLE))
            .toTable(database);
        Date moment = new GregorianCalendar(2013, 3, 2, 9, 30, 0).getTime();
        Date noon = new GregorianCalendar(1899, 11, 30, 12, 0, 0).getTime();
        table.addRow(1200d, day(2013, 4, 2), moment, 12d, new BigDecimal("3.50"), 4.35f, 8.7d);
        table.addRow(1e15, day(2013, 4, 3), noon, 1e20, new BigDecimal("-1"), 0.1f, 1e-7);
    }

    static void others(Database database) throws IOException {
        for (String name : new String[] {"-S", "--help", "~TMPCLP314", "Staff notes"}) {
            new TableBuilder(name).addColumn(column("Note", DataType.TEXT)).toTable(database);
        }
        // one letter off: the tests write the last one themselves
        database.createLinkedTable("Disabilitx", "c:\\data\\other.mdb", "Disability");
    }

    static Date day(int year, int month, int day) {
        return new GregorianCalendar(year, month - 1, day).getTime();
    }
}
