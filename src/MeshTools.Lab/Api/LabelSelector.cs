using System.Globalization;
using System.Text.Json.Nodes;

namespace MeshTools.Lab;

/// <summary>A label selector, with the grammar and the complaints of k8s.io/apimachinery/pkg/labels/selector.go.</summary>
internal sealed class LabelSelector
{
    private readonly List<Requirement> _requirements;

    private LabelSelector(List<Requirement> requirements) => _requirements = requirements;

    internal static LabelSelector Everything { get; } = new([]);

    internal bool IsEverything => _requirements.Count == 0;

    internal bool Matches(JsonObject? labels) => _requirements.TrueForAll(requirement => requirement.Matches(labels));

    /// <summary>Reads the text of a query parameter.</summary>
    /// <exception cref="FormatException">Not a selector; the message is the server's.</exception>
    internal static LabelSelector Parse(string text)
    {
        var tokens = Tokenise(text);
        var position = 0;
        var requirements = new List<Requirement>();
        if (tokens[0].Sort == Sort.End)
        {
            return Everything;
        }

        while (true)
        {
            if (tokens[position] is { Sort: not Sort.Identifier } first && first.Text is not "!")
            {
                throw new FormatException($"found '{first.Text}', expected: !, identifier, or 'end of string'");
            }

            try
            {
                requirements.Add(ReadRequirement(tokens, ref position));
            }
            catch (FormatException fault)
            {
                throw new FormatException("unable to parse requirement: " + fault.Message, fault);
            }

            var next = tokens[position++];
            if (next.Sort == Sort.End)
            {
                return new LabelSelector(requirements);
            }

            if (next.Text is not ",")
            {
                throw new FormatException($"found '{next.Text}', expected: ',' or 'end of string'");
            }

            if (tokens[position] is not { Sort: Sort.Identifier } && tokens[position].Text is not "!")
            {
                throw new FormatException($"found '{tokens[position].Text}', expected: identifier after ','");
            }
        }
    }

    /// <summary>Reads a LabelSelector object (<c>matchLabels</c>, <c>matchExpressions</c>).</summary>
    internal static LabelSelector FromObject(JsonObject? selector)
    {
        var requirements = new List<Requirement>();
        foreach (var (key, value) in selector?["matchLabels"] as JsonObject ?? [])
        {
            requirements.Add(new Requirement(key, Operator.In, [JsonTree.Text(value) ?? ""]));
        }

        foreach (var expression in Defaults.Objects(selector?["matchExpressions"]))
        {
            var values = (expression["values"] as JsonArray)?.Select(JsonTree.Text).OfType<string>().ToArray() ?? [];
            var match = JsonTree.Text(expression["operator"]) switch
            {
                "In" => Operator.In,
                "NotIn" => Operator.NotIn,
                "Exists" => Operator.Exists,
                _ => Operator.DoesNotExist,
            };
            requirements.Add(new Requirement(JsonTree.Text(expression["key"]) ?? "", match, values));
        }

        return new LabelSelector(requirements);
    }

    private static Requirement ReadRequirement(List<Token> tokens, ref int position)
    {
        var token = tokens[position++];
        var negated = token.Text is "!" && token.Sort == Sort.Symbol;
        if (negated)
        {
            token = tokens[position++];
        }

        if (token.Sort != Sort.Identifier)
        {
            throw new FormatException($"found '{token.Text}', expected: identifier");
        }

        var key = token.Text;
        if (Names.QualifiedNameFault(key) is { } fault)
        {
            throw new FormatException($"<nil>: Invalid value: \"{key}\": {fault}");
        }

        if (negated)
        {
            return new Requirement(key, Operator.DoesNotExist, []);
        }

        var next = tokens[position];
        if (next.Sort == Sort.End || next.Text is ",")
        {
            return new Requirement(key, Operator.Exists, []);
        }

        position++;
        switch (next.Text)
        {
            case "=" or "==":
                return new Requirement(key, Operator.In, [ReadValue(tokens, ref position, key)]);
            case "!=":
                return new Requirement(key, Operator.NotIn, [ReadValue(tokens, ref position, key)]);
            case "in":
                return new Requirement(key, Operator.In, ReadValues(tokens, ref position, key));
            case "notin":
                return new Requirement(key, Operator.NotIn, ReadValues(tokens, ref position, key));
            case ">" or "<":
                var bound = ReadValue(tokens, ref position, key);
                return long.TryParse(bound, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _)
                    ? new Requirement(key, next.Text is ">" ? Operator.GreaterThan : Operator.LessThan, [bound])
                    : throw new FormatException($"values[0][{key}]: Invalid value: \"{bound}\": for 'Gt', 'Lt' operators, the value must be an integer");
            default:
                throw new FormatException($"found '{next.Text}', expected: in, notin, =, ==, !=, gt, lt");
        }
    }

    private static string ReadValue(List<Token> tokens, ref int position, string key)
    {
        var token = tokens[position];
        if (token.Sort == Sort.End || token.Text is "," && token.Sort == Sort.Symbol)
        {
            return "";
        }

        position++;
        if (token.Sort != Sort.Identifier && token.Text is not ("in" or "notin"))
        {
            throw new FormatException($"found '{token.Text}', expected: identifier");
        }

        return CheckValue(token.Text, key);
    }

    private static string[] ReadValues(List<Token> tokens, ref int position, string key)
    {
        if (tokens[position++] is var open && open.Text is not "(")
        {
            throw new FormatException($"found '{open.Text}' expected: '('");
        }

        var values = new List<string>();
        while (true)
        {
            var token = tokens[position++];
            if (token.Sort == Sort.Identifier || token.Text is "in" or "notin")
            {
                values.Add(CheckValue(token.Text, key));
                token = tokens[position++];
            }
            else
            {
                values.Add("");
            }

            if (token.Text is ")" && token.Sort == Sort.Symbol)
            {
                return [.. values];
            }

            if (token.Text is not ",")
            {
                throw new FormatException($"found '{token.Text}', expected: ',' or ')'");
            }
        }
    }

    private static string CheckValue(string value, string key) =>
        Names.LabelValueFault(value) is { } fault ? throw new FormatException($"values[0][{key}]: Invalid value: \"{value}\": {fault}") : value;

    private static List<Token> Tokenise(string text)
    {
        var tokens = new List<Token>();
        var i = 0;
        while (i < text.Length)
        {
            var c = text[i];
            if (char.IsWhiteSpace(c))
            {
                i++;
                continue;
            }

            var start = i;
            if (IsSymbol(c))
            {
                // The longest run of = ! < > is one operator; brackets and commas stand alone.
                i++;
                if (c is '=' or '!' or '<' or '>')
                {
                    while (i < text.Length && text[i] is '=')
                    {
                        i++;
                    }
                }

                tokens.Add(new Token(Sort.Symbol, text[start..i]));
                continue;
            }

            while (i < text.Length && !IsSymbol(text[i]) && !char.IsWhiteSpace(text[i]))
            {
                i++;
            }

            var word = text[start..i];
            tokens.Add(new Token(word is "in" or "notin" ? Sort.Symbol : Sort.Identifier, word));
        }

        tokens.Add(new Token(Sort.End, ""));
        return tokens;
    }

    private static bool IsSymbol(char c) => c is '=' or '!' or '(' or ')' or ',' or '<' or '>';

    private enum Sort
    {
        Identifier,
        Symbol,
        End,
    }

    private enum Operator
    {
        In,
        NotIn,
        Exists,
        DoesNotExist,
        GreaterThan,
        LessThan,
    }

    private sealed record Token(Sort Sort, string Text);

    private sealed record Requirement(string Key, Operator Operator, IReadOnlyList<string> Values)
    {
        internal bool Matches(JsonObject? labels)
        {
            var value = labels is not null && labels.TryGetPropertyValue(Key, out var node) ? JsonTree.Text(node) ?? "" : null;
            return Operator switch
            {
                Operator.In => value is not null && Values.Contains(value),
                Operator.NotIn => value is null || !Values.Contains(value),
                Operator.Exists => value is not null,
                Operator.DoesNotExist => value is null,
                _ => long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
                    && (Operator == Operator.GreaterThan
                        ? number > long.Parse(Values[0], CultureInfo.InvariantCulture)
                        : number < long.Parse(Values[0], CultureInfo.InvariantCulture)),
            };
        }
    }
}
