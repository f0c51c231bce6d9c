import com.healthmarketscience.jackcess.Column;
import com.healthmarketscience.jackcess.Database;
import com.healthmarketscience.jackcess.DatabaseBuilder;
import com.healthmarketscience.jackcess.Table;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.ParseException;
import java.text.SimpleDateFormat;
import java.util.ArrayList;
import java.util.List;

/**
 * Fills an empty Access database with the rows of CSV files, as a provider's own program would:
 * each table from TABLE.csv of the folder, each cell in the type of its column.
 *
 * Usage: README.md beside this file.
 */
public class FillDatabase {
    public static void main(String[] words) throws IOException, ParseException {
        try (Database database = DatabaseBuilder.open(new File(words[0]))) {
            for (String name : database.getTableNames()) {
                fill(database.getTable(name), Path.of(words[1], name + ".csv"));
            }
        }
    }

    static void fill(Table table, Path file) throws IOException, ParseException {
        List<String> lines = Files.readAllLines(file, StandardCharsets.UTF_8);
        List<String> names = cells(lines.get(0));
        for (String line : lines.subList(1, lines.size())) {
            List<String> texts = cells(line);
            Object[] row = new Object[table.getColumnCount()];
            for (int i = 0; i < names.size(); i++) {
                Column column = table.getColumn(names.get(i));
                row[column.getColumnIndex()] = value(texts.get(i), column);
            }
            table.addRow(row);
        }
    }

    static Object value(String text, Column column) throws ParseException {
        if (text.isEmpty()) {
            return null;
        }
        switch (column.getType()) {
            case SHORT_DATE_TIME:
                return text.contains(":")
                    ? new SimpleDateFormat("yyyy-MM-dd HH:mm:ss").parse("1899-12-30 " + text)
                    : new SimpleDateFormat("yyyy-MM-dd").parse(text);
            case INT:
                return Short.valueOf(text);
            case DOUBLE:
                return Double.valueOf(text);
            default:
                return text;
        }
    }

    /** The fields of a line; samples hold no line ends inside quotes. */
    static List<String> cells(String line) {
        List<String> found = new ArrayList<>();
        StringBuilder field = new StringBuilder();
        boolean quoted = false;
        for (int i = 0; i < line.length(); i++) {
            char letter = line.charAt(i);
            if (letter == '"' && quoted && i + 1 < line.length() && line.charAt(i + 1) == '"') {
                field.append(letter);
                i++;
            } else if (letter == '"') {
                quoted = !quoted;
            } else if (letter == ',' && !quoted) {
                found.add(field.toString());
                field.setLength(0);
            } else {
                field.append(letter);
            }
        }
        found.add(field.toString());
        return found;
    }
}
