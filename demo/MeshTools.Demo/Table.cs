namespace MeshTools.Demo;

/// <summary>Text in aligned columns. The last column ends where its text ends.</summary>
internal sealed class Table(params string[] headings)
{
    private readonly List<string[]> _rows = [headings];

    internal IReadOnlyList<string> Lines
    {
        get
        {
            int[] widths = [.. Enumerable.Range(0, headings.Length).Select(column => _rows.Max(row => row[column].Length))];
            return [.. _rows.Select(row => string.Join("  ", row.Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd())];
        }
    }

    internal void Add(params string[] cells) => _rows.Add(cells);
}
