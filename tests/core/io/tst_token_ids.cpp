// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/token_ids.h"
#include "tests/core/io/io_test.h"
#include "tests/support/temporary_folder.h"

namespace eigenquant::test {

namespace {

using Ids = std::vector<std::int32_t>;

class TokenIds : public testing::Test {
protected:
    Ids read(const std::string& content, std::int64_t vocabulary = 100)
    {
        return readTokenIds(m_folder.write("ids", content), vocabulary);
    }

    void refuse(const std::string& content, std::initializer_list<std::string_view> words,
                ErrorCode code = ErrorCode::Invalid)
    {
        SCOPED_TRACE(content.substr(0, 60));
        expectError([&] { read(content); }, code, words);
    }

private:
    TemporaryFolder m_folder;
};

TEST_F(TokenIds, NumbersInAText)
{
    EXPECT_EQ(read("1 2 3"), (Ids{1, 2, 3}));
    EXPECT_EQ(read(" 1,2 , 3,\r\n\t99\n"), (Ids{1, 2, 3, 99}));
    EXPECT_EQ(read("\xEF\xBB\xBF" "7\n8"), (Ids{7, 8}));
    EXPECT_EQ(read("007"), Ids{7});
    EXPECT_TRUE(read("").empty());
    EXPECT_TRUE(read(" \n ").empty());
}

TEST_F(TokenIds, JsonAsTokenizePrintsIt)
{
    EXPECT_EQ(read("[1, 2,\n3]"), (Ids{1, 2, 3}));
    EXPECT_EQ(read(R"( {"count": 2, "ids": [4, 5]})"), (Ids{4, 5}));
    EXPECT_TRUE(read("[]").empty());
}

TEST_F(TokenIds, NumpyArrays)
{
    EXPECT_EQ(read(npyFile("<i8", "(2,)", bytesOf<std::int64_t>(3) + bytesOf<std::int64_t>(4))), (Ids{3, 4}));
    EXPECT_EQ(read(npyFile("<u2", "(1, 2)", bytesOf<std::uint16_t>(300) + bytesOf<std::uint16_t>(4)), 301),
              (Ids{300, 4}));
    EXPECT_EQ(read(npyFile("|u1", "(3,)", std::string("\x01\xFF\x02", 3)), 256), (Ids{1, 255, 2}));
    EXPECT_TRUE(read(npyFile("<i4", "(0,)", "")).empty());
}

TEST_F(TokenIds, SafetensorsOfOneVector)
{
    const std::string numbers = bytesOf<std::int32_t>(8) + bytesOf<std::int32_t>(9);
    EXPECT_EQ(read(safetensorsFile(R"({"ids":{"dtype":"I32","shape":[2],"data_offsets":[0,8]}})", numbers)),
              (Ids{8, 9}));
    EXPECT_EQ(read(safetensorsFile(R"({"ids":{"dtype":"I64","shape":[1,1],"data_offsets":[0,8]}})",
                                   bytesOf<std::int64_t>(5))),
              Ids{5});
    refuse(safetensorsFile(R"({"x":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})", numbers),
           {"x: ", "no vector of token ids", "F32 [2]"});
    refuse(safetensorsFile(R"({"x":{"dtype":"I16","shape":[2,2],"data_offsets":[0,8]}})", numbers), {"I16 [2, 2]"});
    refuse(safetensorsFile(R"({"x":{"dtype":"I32","shape":[1],"data_offsets":[0,4]},)"
                           R"("y":{"dtype":"I32","shape":[1],"data_offsets":[4,8]}})",
                           numbers),
           {"2 tensors", "expected one"});
}

TEST_F(TokenIds, IdsOutsideTheVocabularyAreNamedByTheirPlace)
{
    refuse("1 2 100", {"id 2", "found 100", "expected 0 to 99"});
    refuse("[-1]", {"id 0", "found -1", "expected 0 to 99"});
    refuse("5 -3", {"id 1", "found -3"});
    refuse("9223372036854775807", {"id 0", "9223372036854775807"});
    refuse(npyFile("<i4", "(1,)", bytesOf<std::int32_t>(-7)), {"id 0", "found -7"});
    refuse(npyFile("<u8", "(1,)", bytesOf<std::uint64_t>(~0ull)), {"id 0", "found -1"});
}

TEST_F(TokenIds, TextsThatAreNoIds)
{
    refuse("1 two 3", {"id 1", "\"two\" at byte 2", "decimal number"});
    refuse("1,,2", {"id 1", "\"\" at byte 2"});
    refuse(",1", {"id 0"});
    refuse("1.5", {"id 0", "1.5"});
    refuse("0x10", {"0x10"});
    refuse("99999999999999999999", {"id 0"});
    refuse(std::string("1\0002", 3), {"id 0", "\\x00"});
    refuse("\xff\xfe", {"id 0"});
}

TEST_F(TokenIds, JsonThatIsNoIds)
{
    refuse("[1, 2.5]", {"id 1", "2.5"});
    refuse("[1, \"2\"]", {"id 1"});
    refuse("[[1]]", {"id 0", "array"});
    refuse("[18446744073709551615]", {"id 0", "18446744073709551615"});
    refuse("[1", {"ids"});
    refuse(R"({"tokens": [1]})", {"ids", "missing"});
    refuse(R"({"ids": 7})", {"ids"});
}

TEST_F(TokenIds, NumpyFilesThatLie)
{
    const std::string two = bytesOf<std::int32_t>(1) + bytesOf<std::int32_t>(2);
    refuse(npyFile("<i4", "(3,)", two), {"truncated", "found 8 bytes", "expected 12 bytes"});
    refuse(npyFile("<i4", "(1,)", two), {"8 bytes", "4 bytes"});
    refuse(npyFile("<i4", "(2,)", two + "x"), {"9 bytes"});
    refuse(npyFile("<i4", "(4611686018427387905,)", two), {"truncated"});
    refuse(npyFile("<i4", "(9223372036854775807, 9223372036854775807)", two), {"shape"});
    refuse(npyFile("<i4", "(2, 1)", two), {"no vector", "[2, 1]"});
    refuse(npyFile("<i4", "()", two), {"no vector"});
    refuse(npyFile("<i4", "(2", two), {"shape is broken"});
    refuse(npyFile("<i4", "(-2,)", two), {"shape is broken"});
    refuse(npyFile("<f4", "(2,)", two), {"descr", "<f4"}, ErrorCode::Unsupported);
    refuse(npyFile(">i4", "(2,)", two), {"descr", ">i4"}, ErrorCode::Unsupported);
    refuse(npyFile("<i4", "(2,)", two).substr(0, 9), {"truncated"});
    refuse("\x93NUMPY\x09" + std::string(30, ' '), {"version"}, ErrorCode::Unsupported);
}

TEST_F(TokenIds, TheFingerprintIsOfTheIdsAlone)
{
    EXPECT_EQ(hashTokenIds(read("1 2 3")), hashTokenIds(read("[1,2,3]")));
    EXPECT_NE(hashTokenIds(read("1 2 3")), hashTokenIds(read("1 3 2")));
}

} // namespace

} // namespace eigenquant::test
