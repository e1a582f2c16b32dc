// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/hash.h"
#include "core/io/printable.h"
#include "core/io/text_file.h"
#include "tests/core/io/io_test.h"
#include "tests/support/temporary_folder.h"

namespace eigenquant::test {

TEST(TextFile, ReadsWhatIsThere)
{
    const TemporaryFolder folder;
    std::string large(3'000'000, 'x');
    large += "\r\n\0end";
    EXPECT_EQ(readFile(folder.write("f", large)), large);
    EXPECT_EQ(readFile(folder.write("empty", "")), "");
    EXPECT_EQ(readText(folder.write("t", "\xef\xbb\xbfgrüße\r\n")), "\xef\xbb\xbfgrüße\r\n");
}

TEST(TextFile, Refusals)
{
    const TemporaryFolder folder;
    expectError([&] { readFile(folder / "none"); }, ErrorCode::Io, {"none", "No such file"});
    expectError([&] { readFile(folder.path()); }, ErrorCode::Io, {"folder"});
    const auto file = folder.write("f", "12345");
    EXPECT_EQ(readFile(file, 5), "12345");
    expectError([&] { readFile(file, 4); }, ErrorCode::Invalid, {"at most 4 bytes"});
    expectError([&] { readFile("/dev/zero", 10'000); }, ErrorCode::Invalid, {"at most 10000 bytes"});
    expectError([&] { readText(folder.write("t", "ab\xff")); }, ErrorCode::Invalid, {"UTF-8", "offset 2"});
}

TEST(TextFile, FirstInvalidUtf8)
{
    const auto npos = std::string_view::npos;
    for (const char* valid : {"", "plain ASCII of more than eight bytes", "é", "\xe2\x82\xac", "\xf0\x9f\x98\x80",
                              "\xee\x80\x80", "\xf4\x8f\xbf\xbf", "\xed\x9f\xbf", "12345678é12345678"})
        EXPECT_EQ(firstInvalidUtf8(valid), npos) << valid;
    for (const char* bad : {"\x80", "\xc0\x80", "\xc1\xbf", "\xc3", "\xe0\x80\x80", "\xe2\x82", "\xed\xa0\x80",
                            "\xf0\x80\x80\x80", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff", "\xe2\x28\xa1"}) {
        EXPECT_EQ(firstInvalidUtf8(bad), 0u) << bad;
        EXPECT_EQ(firstInvalidUtf8("1234567890é" + std::string(bad)), 12u);
    }
}

TEST(Printable, EscapesAndCuts)
{
    EXPECT_EQ(printable("grüße"), "grüße");
    EXPECT_EQ(printable("a\x1b[31m\n\x7f"), "a\\x1b[31m\\x0a\\x7f");
    EXPECT_EQ(printable("a\xff\xc3"), "a\\xff\\xc3");
    EXPECT_EQ(printable("abcdef", 3), "abc...");
    EXPECT_EQ(printable("abé", 3), "ab...");
    EXPECT_EQ(printable(std::string(9, '\x80'), 4), "\\x80...");
}

TEST(Hash, KnownAnswers)
{
    // What xxh128sum prints.
    EXPECT_EQ(hashText(""), "99aa06d3014798d86001c324468d497f");
    EXPECT_EQ(Hasher().hex(), hashText(""));
    EXPECT_EQ(Hasher().add(asBytes("ab")).add(asBytes("c")).hex(), hashText("abc"));
}

TEST(Hash, NeighbouringStringsAreKeptApart)
{
    const auto two = [](std::string_view a, std::string_view b) { return Hasher().add(a).add(b).hex(); };
    EXPECT_NE(two("ab", "c"), two("a", "bc"));
    EXPECT_NE(two("", "a"), two("a", ""));
    EXPECT_NE(Hasher().add(std::int64_t{1}).hex(), Hasher().add(std::int64_t{256}).hex());
}

} // namespace eigenquant::test
