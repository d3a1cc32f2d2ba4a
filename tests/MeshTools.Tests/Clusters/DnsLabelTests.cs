using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using MeshTools.Clusters;
using Xunit;

namespace MeshTools.Tests.Clusters;

public sealed class DnsLabelTests
{
    private static readonly Arbitrary<string> s_names = ArbMap.Default.ArbFor<NonEmptyString>().Convert(name => name.Get, NonEmptyString.NewNonEmptyString);

    public static TheoryData<string> Valid => new() { "a", "0", "a-b", "a--b", new string('a', 63) };

    public static TheoryData<string> Invalid => new() { "", "-a", "a-", "A", "a.b", "a_b", "ä", " a", "a\n", new string('a', 64) };

    [Theory]
    [MemberData(nameof(Valid))]
    public void A_label_is_valid(string label) => Assert.True(DnsLabel.IsValid(label));

    [Theory]
    [MemberData(nameof(Invalid))]
    public void Anything_else_is_not(string label) => Assert.False(DnsLabel.IsValid(label));

    [Fact]
    public void Names_become_the_labels_of_the_table()
    {
        foreach (var row in NameTable.Rows("labels"))
        {
            var label = DnsLabel.From(row["in"]!.GetValue<string>());
            if (row["label"] is JsonNode expected)
            {
                Assert.Equal(expected.GetValue<string>(), label);
            }
            else
            {
                Assert.StartsWith(row["beginning"]!.GetValue<string>(), label, StringComparison.Ordinal);
                Assert.Equal(row["length"]!.GetValue<int>(), label.Length);
            }
        }
    }

    [Fact]
    public void Every_name_gives_a_valid_label() => Prop.ForAll(s_names, name => DnsLabel.IsValid(DnsLabel.From(name))).QuickCheckThrowOnFailure();

    [Fact]
    public void A_long_name_gives_a_valid_label() =>
        Prop.ForAll(s_names, name => DnsLabel.IsValid(DnsLabel.From(new string('x', 41) + "-" + name + new string('y', 63)))).QuickCheckThrowOnFailure();

    [Fact]
    public void A_label_is_its_own_label() =>
        Prop.ForAll(s_names, name => string.Equals(DnsLabel.From(DnsLabel.From(name)), DnsLabel.From(name), StringComparison.Ordinal)).QuickCheckThrowOnFailure();

    [Fact]
    public void Long_names_that_differ_at_the_end_give_different_labels() =>
        Assert.NotEqual(DnsLabel.From(new string('a', 70) + "1"), DnsLabel.From(new string('a', 70) + "2"));
}
