import com.healthmarketscience.jackcess.ColumnBuilder;
import com.healthmarketscience.jackcess.DataType;
import com.healthmarketscience.jackcess.Database;
import com.healthmarketscience.jackcess.DatabaseBuilder;
import com.healthmarketscience.jackcess.IndexBuilder;
import com.healthmarketscience.jackcess.PropertyMap;
import com.healthmarketscience.jackcess.TableBuilder;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes an empty Access database of one version of the data set.
 *
 * The tables, columns, types and keys come from validation/dataset/*.csv, the one home of the
 * data set. A developer's tool: what it makes is committed, and nothing that runs needs Java.
 *
 * Usage and options: README.md beside this file.
 */
public class EmptyDatabase {
    // Access itself allows no longer Text column, and no longer description of one.
    static final int WIDEST_TEXT = 255;
    static final String MANDATORY = "M";

    static final Map<String, Database.FileFormat> FORMS = Map.of(
        "2000", Database.FileFormat.V2000,
        "2003", Database.FileFormat.V2003,
        "2007", Database.FileFormat.V2007,
        "2010", Database.FileFormat.V2010);

    public static void main(String[] words) throws IOException {
        Map<String, String> options = options(words);
        Path dataset = Path.of(options.getOrDefault("dataset", "validation/dataset"));
        Database.FileFormat form = FORMS.get(options.getOrDefault("form", "2003"));
        if (form == null || !options.containsKey("version") || !options.containsKey("out")) {
            System.err.println("Needs --version and --out; --form is one of " + FORMS.keySet());
            System.exit(2);
        }
        File out = new File(options.get("out"));
        try (Database database = DatabaseBuilder.create(form, out)) {
            write(database, dataset, options);
        }
    }

    static Map<String, String> options(String[] words) {
        Map<String, String> options = new LinkedHashMap<>();
        for (int i = 0; i < words.length; i++) {
            boolean flag = i + 1 == words.length || words[i + 1].startsWith("--");
            options.put(words[i].substring(2), flag ? "yes" : words[++i]);
        }
        return options;
    }

    static void write(Database database, Path dataset, Map<String, String> options)
            throws IOException {
        String version = options.get("version");
        boolean forEntry = options.containsKey("for-entry");
        List<Map<String, String>> columns = rows(dataset.resolve("columns.csv"));
        Map<String, List<String>> codes = codes(rows(dataset.resolve("codes.csv")), version);
        for (Map<String, String> table : rows(dataset.resolve("tables.csv"))) {
            TableBuilder builder = new TableBuilder(table.get("table"));
            List<String> mandatory = new ArrayList<>();
            for (Map<String, String> column : columns) {
                if (column.get("table").equals(table.get("table")) && has(column, version)) {
                    ColumnBuilder made = column(column, forEntry);
                    if (forEntry) describe(made, column, codes);
                    builder.addColumn(made);
                    if (column.get("requirement").equals(MANDATORY)) {
                        mandatory.add(column.get("column"));
                    }
                }
            }
            if (forEntry && !table.get("key").isEmpty()) {
                builder.addIndex(index(List.of(table.get("key").split(" ")), mandatory));
            }
            builder.toTable(database);
        }
    }

    /** A primary key allows no blank: where a key column may be blank it is a plain index. */
    static IndexBuilder index(List<String> key, List<String> mandatory) {
        String[] names = key.toArray(new String[0]);
        if (mandatory.containsAll(key)) {
            return new IndexBuilder(IndexBuilder.PRIMARY_KEY_NAME)
                .addColumns(names)
                .setPrimaryKey();
        }
        return new IndexBuilder("RecordKey").addColumns(names);
    }

    /** What Access shows in its status bar while one types, and whether it insists on a value. */
    static void describe(
            ColumnBuilder made, Map<String, String> column, Map<String, List<String>> codes) {
        String words = column.get("meaning");
        List<String> list = codes.getOrDefault(column.get("list"), List.of());
        boolean defaults = column.get("kind").equals("organisation");
        String permitted = (defaults ? " Without one: " : " Codes: ") + String.join(", ", list);
        if (list.isEmpty()) permitted = "";
        String both = words + permitted;
        made.putProperty(
            PropertyMap.DESCRIPTION_PROP,
            DataType.TEXT,
            both.length() <= WIDEST_TEXT ? both : words);
        if (column.get("requirement").equals(MANDATORY)) {
            made.putProperty(PropertyMap.REQUIRED_PROP, DataType.BOOLEAN, true);
        }
    }

    static Map<String, List<String>> codes(List<Map<String, String>> rows, String version) {
        Map<String, List<String>> codes = new LinkedHashMap<>();
        for (Map<String, String> row : rows) {
            if (has(row, version) && row.get("retired").isEmpty()) {
                codes.computeIfAbsent(row.get("list"), name -> new ArrayList<>())
                    .add(row.get("code"));
            }
        }
        return codes;
    }

    static boolean has(Map<String, String> column, String version) {
        return List.of(column.get("versions").split(" ")).contains(version);
    }

    static ColumnBuilder column(Map<String, String> column, boolean declaredWidths) {
        ColumnBuilder builder = new ColumnBuilder(column.get("column"), type(column.get("kind")));
        if (type(column.get("kind")) == DataType.TEXT) {
            String length = column.get("length");
            boolean declared = declaredWidths && !length.isEmpty();
            builder.setLengthInUnits(declared ? Integer.parseInt(length) : WIDEST_TEXT);
            builder.setCompressedUnicode(true);
        }
        return builder;
    }

    static DataType type(String kind) {
        switch (kind) {
            case "date": case "time": return DataType.SHORT_DATE_TIME;
            case "integer": return DataType.INT;
            case "decimal": return DataType.DOUBLE;
            default: return DataType.TEXT;
        }
    }

    /** The rows of a CSV file (quotes as RFC 4180, no line end inside a value) by column name. */
    static List<Map<String, String>> rows(Path file) throws IOException {
        List<Map<String, String>> rows = new ArrayList<>();
        List<String> names = null;
        for (String line : Files.readAllLines(file)) {
            List<String> cells = cells(line);
            if (names == null) {
                names = cells;
                continue;
            }
            Map<String, String> row = new LinkedHashMap<>();
            for (int i = 0; i < names.size(); i++) row.put(names.get(i), cells.get(i));
            rows.add(row);
        }
        return rows;
    }

    static List<String> cells(String line) {
        List<String> cells = new ArrayList<>();
        StringBuilder cell = new StringBuilder();
        boolean quoted = false;
        for (char c : line.toCharArray()) {
            if (c == '"') quoted = !quoted;
            else if (c == ',' && !quoted) {
                cells.add(cell.toString());
                cell.setLength(0);
            } else cell.append(c);
        }
        cells.add(cell.toString());
        return cells;
    }
}
