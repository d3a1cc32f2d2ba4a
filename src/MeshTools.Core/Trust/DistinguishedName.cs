using System.Formats.Asn1;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using MeshTools.Errors;

namespace MeshTools.Trust;

/// <summary>
/// Subjects, in the order in which they are written and encoded as openssl encodes them with <c>utf8 = yes</c>: UTF8String, but PrintableString for a country and
/// IA5String for an e-mail address or a domain component (crypto/asn1/a_strnid.c).
/// </summary>
internal static class DistinguishedName
{
    private static readonly Dictionary<string, string> s_types = new(StringComparer.OrdinalIgnoreCase)
    {
        ["CN"] = "2.5.4.3",
        ["SERIALNUMBER"] = "2.5.4.5",
        ["C"] = "2.5.4.6",
        ["L"] = "2.5.4.7",
        ["ST"] = "2.5.4.8",
        ["S"] = "2.5.4.8",
        ["STREET"] = "2.5.4.9",
        ["O"] = "2.5.4.10",
        ["OU"] = "2.5.4.11",
        ["emailAddress"] = "1.2.840.113549.1.9.1",
        ["E"] = "1.2.840.113549.1.9.1",
        ["DC"] = "0.9.2342.19200300.100.1.25",
    };

    /// <summary>Encodes a subject such as <c>O=Istio, CN=Root CA</c>; a comma, a plus or a backslash inside a value stands after a backslash, or the value in double quotes.</summary>
    /// <exception cref="MeshException">It cannot be read (<c>SubjectInvalid</c>).</exception>
    internal static X500DistinguishedName Parse(string subject)
    {
        var parts = Split(subject).Select(part => Attribute(part, subject)).ToArray();
        return parts.Length > 0 ? Encode(parts) : throw Invalid(subject, "it is empty");
    }

    /// <summary>Encodes attributes, each by its short name.</summary>
    internal static X500DistinguishedName Of(params (string Type, string Value)[] attributes) =>
        Encode([.. attributes.Select(attribute => (s_types[attribute.Type], attribute.Value))]);

    /// <summary>For people, in the order of the encoding: <c>O=Istio, CN=Root CA</c>.</summary>
    internal static string Describe(X500DistinguishedName name) => name.Decode(X500DistinguishedNameFlags.UseCommas);

    private static X500DistinguishedName Encode(IReadOnlyList<(string Oid, string Value)> attributes)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            foreach (var (oid, value) in attributes)
            {
                using (writer.PushSetOf())
                using (writer.PushSequence())
                {
                    writer.WriteObjectIdentifier(oid);
                    writer.WriteCharacterString(EncodingOf(oid), value);
                }
            }
        }

        return new X500DistinguishedName(writer.Encode());
    }

    private static UniversalTagNumber EncodingOf(string oid) => oid switch
    {
        "2.5.4.6" or "2.5.4.5" => UniversalTagNumber.PrintableString,
        "1.2.840.113549.1.9.1" or "0.9.2342.19200300.100.1.25" => UniversalTagNumber.IA5String,
        _ => UniversalTagNumber.UTF8String,
    };

    private static (string Oid, string Value) Attribute(string part, string subject)
    {
        var equals = part.IndexOf('=', StringComparison.Ordinal);
        if (equals < 1 || !s_types.TryGetValue(part[..equals].Trim(), out var oid))
            throw Invalid(subject, $"'{part.Trim()}' does not begin with one of {string.Join(", ", s_types.Keys.Select(key => key + "="))}");
        var value = Unquote(part[(equals + 1)..].Trim());
        if (value.Length is 0 or > 128)
            throw Invalid(subject, $"the value of {part[..equals].Trim()} must have 1 to 128 characters");
        if (oid is "2.5.4.6" && !(value.Length == 2 && value.All(char.IsAsciiLetter)))
            throw Invalid(subject, $"'{value}' is no two-letter country");
        if (EncodingOf(oid) != UniversalTagNumber.UTF8String && !value.All(char.IsAscii))
            throw Invalid(subject, $"the value of {part[..equals].Trim()} must be ASCII");
        return (oid, value);
    }

    private static IEnumerable<string> Split(string subject)
    {
        var part = new StringBuilder();
        var (quoted, escaped) = (false, false);
        foreach (var c in subject)
        {
            if (c == ',' && !quoted && !escaped)
            {
                yield return part.ToString();
                part.Clear();
                continue;
            }

            if (c == '"' && !escaped)
                quoted = !quoted;
            part.Append(c);
            escaped = c == '\\' && !escaped;
        }

        if (quoted || escaped)
            throw Invalid(subject, "it ends inside a quoted value");
        if (part.ToString().Trim().Length > 0)
            yield return part.ToString();
    }

    private static string Unquote(string value)
    {
        var inner = value is ['"', .., '"'] ? value[1..^1] : value;
        var result = new StringBuilder();
        for (var i = 0; i < inner.Length; i++)
        {
            if (inner[i] == '\\' && i + 1 < inner.Length)
                i++;
            result.Append(inner[i]);
        }

        return result.ToString();
    }

    private static MeshException Invalid(string subject, string why) =>
        new(ErrorCatalog.SubjectInvalid, $"subject '{subject}' cannot be used: {why}", subject);
}
