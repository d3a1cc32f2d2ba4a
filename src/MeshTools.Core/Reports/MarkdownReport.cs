using System.Globalization;
using System.Text;

namespace MeshTools.Reports;

/// <summary>The report as GitHub-flavoured Markdown: what came of it, what to do, the graph, and the tables, folded where they are long.</summary>
internal static class MarkdownReport
{
    private const int WidestMatrix = 12;
    private const int LongTable = 20;

    internal static string Write(MeshReport report)
    {
        var text = new StringBuilder();
        text.Append("## ").Append(Sign(report.State)).Append(' ').Append(Escape(report.Title)).Append("\n\n");
        text.Append("**").Append(Escape(report.Verdict)).Append(".** ").Append(report.Created.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture)).Append("\n\n");
        if (report.Findings.Count > 0)
        {
            Table(text, ["#", "", "Where", "What", "What to do"], report.Findings.Select(finding => (IReadOnlyList<string>)
                [ReportText.Number(finding.Number), Sign(finding.State), Escape(finding.Where), Escape(finding.What), Escape(finding.Fix)]));
        }

        if (report.Clusters.Count > 0)
            Mermaid.Write(report, text);
        foreach (var matrix in ReportTables.Matrices(report).Where(matrix => matrix.Clusters.Count <= WidestMatrix))
            Matrix(text, matrix);
        foreach (var table in ReportTables.Of(report))
            Table(text, table);
        return text.ToString();
    }

    /// <summary>
    /// A text that stays text: every character that could begin markup, a link or a mention is written as a character reference, which is never read as markup
    /// (CommonMark 0.31, 2.5).
    /// </summary>
    internal static string Escape(string text)
    {
        var escaped = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            var plain = c > 127 || char.IsAsciiLetterOrDigit(c) || c is ' ' or ',' or ';' or '/' or '-' or '(' or ')' or '=' or '%' or '"' or '\'' or '?'
                || (c == '+' && i > 0)
                || (c == ':' && !text.AsSpan(i).StartsWith("://", StringComparison.Ordinal))
                || (c == '.' && !(i >= 3 && text.AsSpan(i - 3, 3).Equals("www", StringComparison.OrdinalIgnoreCase)));
            if (plain)
                escaped.Append(c);
            else
                escaped.Append(CultureInfo.InvariantCulture, $"&#{(int)c};");
        }

        return escaped.ToString();
    }

    private static void Table(StringBuilder text, ReportTable table)
    {
        var bad = table.Rows.Count(row => row.State > ReportState.Good);
        var folded = table.Rows.Count > LongTable || bad == 0;
        var title = $"{Escape(table.Title)} ({ReportText.Number(table.Rows.Count)})";
        text.Append(folded ? $"<details><summary><b>{title}</b></summary>\n\n" : $"### {title}\n\n");
        Table(text, [.. table.Columns.Prepend("")], table.Rows.Select(row => (IReadOnlyList<string>)[Sign(row.State), .. row.Cells.Select(Escape)]));
        if (folded)
            text.Append("</details>\n\n");
    }

    private static void Matrix(StringBuilder text, ReportMatrix matrix)
    {
        text.Append("### ").Append(Escape(matrix.Title)).Append("\n\n");
        Table(text, [Escape(matrix.Corner), .. matrix.Clusters.Select(to => Escape(to.Name))], matrix.Clusters.Select(from => (IReadOnlyList<string>)
        [
            $"**{Escape(from.Name)}**",
            .. matrix.Clusters.Select(to => matrix.Cell(from.Number, to.Number) is { } cell ? $"{Sign(cell.State)} {Escape(cell.Text)}" : from.Number == to.Number ? "–" : ""),
        ]));
    }

    private static void Table(StringBuilder text, IReadOnlyList<string> columns, IEnumerable<IReadOnlyList<string>> rows)
    {
        Line(columns);
        text.Append('|').Insert(text.Length, "---|", columns.Count).Append('\n');
        foreach (var row in rows)
            Line(row);
        text.Append('\n');

        void Line(IEnumerable<string> cells) => text.Append("| ").AppendJoin(" | ", cells).Append(" |\n");
    }

    private static string Sign(ReportState state) => state switch
    {
        ReportState.Good => "✅",
        ReportState.Warning => "⚠️",
        ReportState.Broken => "❌",
        _ => "❔",
    };
}
