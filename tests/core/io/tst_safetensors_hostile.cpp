// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/safetensors.h"
#include "core/io/text_file.h"
#include "tests/core/io/io_test.h"
#include "tests/support/temporary_folder.h"

namespace eigenquant::test {

namespace {

struct Lie {
    const char* label;
    std::string file;
    ErrorCode code;
    std::string_view word; ///< that the message must hold
};

/// One F32 tensor's entry with any shape and offsets.
std::string entry(std::string_view name, std::string_view shape, std::string_view offsets,
                  std::string_view type = "F32")
{
    return "\"" + std::string(name) + R"(":{"dtype":")" + std::string(type) + R"(","shape":)" +
           std::string(shape) + R"(,"data_offsets":)" + std::string(offsets) + "}";
}

Lie header(const char* label, const std::string& json, std::size_t dataBytes, std::string_view word,
           ErrorCode code = ErrorCode::Invalid)
{
    return {label, safetensorsFile("{" + json + "}", std::string(dataBytes, '\0')), code, word};
}

std::vector<Lie> liesAboutRanges()
{
    const std::string good = entry("a", "[1]", "[0,4]");
    return {
        header("overlap", good + "," + entry("b", "[1]", "[2,6]"), 6, "overlaps"),
        header("same range", good + "," + entry("b", "[1]", "[0,4]"), 4, "overlaps"),
        header("hole", good + "," + entry("b", "[1]", "[8,12]"), 12, "hole"),
        header("hole in front", entry("a", "[1]", "[4,8]"), 8, "hole"),
        header("tail", good, 5, "behind the last tensor"),
        header("tail without tensors", "", 1, "behind the last tensor"),
        header("range reversed", entry("a", "[1]", "[4,0]"), 4, "outside"),
        header("range beyond the file", entry("a", "[2]", "[0,8]"), 4, "truncated"),
        header("range negative", entry("a", "[1]", "[-4,0]"), 4, "negative"),
        header("range huge", entry("a", "[1]", "[0,18446744073709551615]"), 4, "too large"),
        header("range beyond 64 bits", entry("a", "[1]", "[0,18446744073709551620]"), 4, "too large"),
        header("range fractional", entry("a", "[1]", "[0,4.0]"), 4, "broken"),
        header("range of one", entry("a", "[1]", "[4]"), 4, "begin and end"),
        header("range of three", entry("a", "[1]", "[0,4,4]"), 4, "begin and end"),
        header("range an object", entry("a", "[1]", "{}"), 4, "array"),
        header("range too small", entry("a", "[2]", "[0,4]"), 4, "8 bytes"),
        header("range too large", entry("a", "[1]", "[0,8]"), 8, "4 bytes"),
    };
}

std::vector<Lie> liesAboutShapes()
{
    return {
        header("shape overflows", entry("a", "[4294967296,4294967296]", "[0,0]"), 0, "overflows"),
        header("shape overflows to fit", entry("a", "[4611686018427387904,4]", "[0,0]"), 0, "overflows"),
        header("shape overflows behind zero", entry("a", "[0,4294967296,4294967296]", "[0,0]"), 0, "overflows"),
        header("bytes overflow", entry("a", "[9223372036854775807]", "[0,4]"), 4, "overflows"),
        header("shape negative", entry("a", "[-1]", "[0,4]"), 4, "negative"),
        header("shape minus zero", entry("a", "[-0.0]", "[0,0]"), 0, "broken"),
        header("shape too many dimensions", entry("a", "[1,1,1,1,1,1,1,1,1]", "[0,4]"), 4, "at most 8"),
        header("shape a string", entry("a", "\"1\"", "[0,4]"), 4, "array"),
        header("shape of strings", entry("a", "[\"1\"]", "[0,4]"), 4, "whole number"),
        header("shape null", entry("a", "null", "[0,4]"), 4, "missing"),
    };
}

std::vector<Lie> liesAboutTypes()
{
    const auto unsupported = ErrorCode::Unsupported;
    return {
        header("type unknown", entry("a", "[1]", "[0,4]", "FLOAT"), 4, "FLOAT"),
        header("type in lower case", entry("a", "[1]", "[0,4]", "f32"), 4, "unknown"),
        header("type F8_E4M3", entry("a", "[4]", "[0,4]", "F8_E4M3"), 4, "F8_E4M3", unsupported),
        header("type F8_E5M2", entry("a", "[4]", "[0,4]", "F8_E5M2"), 4, "F8_E5M2", unsupported),
        header("type U32", entry("a", "[1]", "[0,4]", "U32"), 4, "U32", unsupported),
        header("type of a block", entry("a", "[32]", "[0,18]", "Q4_0"), 18, "unknown"),
        header("type missing", R"("a":{"shape":[1],"data_offsets":[0,4]})", 4, "a.dtype"),
        header("type a number", R"("a":{"dtype":1,"shape":[1],"data_offsets":[0,4]})", 4, "string"),
    };
}

std::vector<Lie> liesAboutStructure()
{
    const std::string good = entry("a", "[1]", "[0,4]");
    std::string deep = "\"a\":";
    deep += std::string(100'000, '[') + std::string(100'000, ']');
    return {
        header("tensor twice", good + "," + good, 4, "twice"),
        header("member twice", R"("a":{"dtype":"F32","dtype":"F32","shape":[1],"data_offsets":[0,4]})", 4,
               "twice"),
        header("unknown member", R"("a":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"x":1})", 4, "a.x"),
        header("entry an array", "\"a\":[]", 0, "object"),
        header("metadata a number", R"("__metadata__":{"k":1})", 0, "__metadata__.k"),
        header("metadata an array", R"("__metadata__":[])", 0, "object"),
        header("metadata nested", R"("__metadata__":{"k":{"l":"m"}})", 0, "strings"),
        header("nesting", deep, 0, "nested too deeply"),
        header("control character in a name", entry("a\\u001b[31m", "[1]", "[0,4]"), 4, "control character"),
        header("invalid UTF-8", "\"a\xff\":1", 0, "UTF-8"),
        header("lone surrogate", "\"a\\ud800\":1", 0, "not valid JSON"),
        header("NUL in the header", std::string("\"a\0\":1", 6), 0, "NUL"),
        header("trailing garbage", "} x{", 0, "not valid JSON"),
        header("NaN", "\"a\":NaN", 0, "not valid JSON"),
        header("unfinished", "\"a\":", 0, "not valid JSON"),
        {"header not closed", safetensorsFile("{", ""), ErrorCode::Invalid, "not valid JSON"},
        {"header padded with NUL", safetensorsFile(std::string("{}\0\0", 4), ""), ErrorCode::Invalid, "NUL"},
    };
}

std::vector<Lie> liesAboutTheFile()
{
    const auto unsupported = ErrorCode::Unsupported;
    std::string tar(512, '\0');
    tar.replace(257, 5, "ustar");
    return {
        {"empty", "", ErrorCode::Invalid, "empty"},
        {"seven bytes", "1234567", ErrorCode::Invalid, "another format"},
        {"eight bytes", std::string(8, '\0'), ErrorCode::Invalid, "another format"},
        {"header length 2^64 - 1", std::string(8, '\xff') + "{}", ErrorCode::Invalid, "at most 100000000"},
        {"header length above the limit", bytesOf<std::uint64_t>(100'000'001) + "{}", ErrorCode::Invalid,
         "at most"},
        {"header length beyond the file", bytesOf<std::uint64_t>(3) + "{}", ErrorCode::Invalid, "truncated"},
        {"header length too small", bytesOf<std::uint64_t>(1) + "{}", ErrorCode::Invalid, "not valid JSON"},
        {"header length zero", bytesOf<std::uint64_t>(0) + "{}", ErrorCode::Invalid, "not valid JSON"},
        {"header an array", safetensorsFile("[]", ""), ErrorCode::Invalid, "begins with {"},
        {"torch zip", std::string("PK\x03\x04\0\0\0\0\0\0archive/data.pkl", 26), unsupported, "pickle"},
        {"pickle of protocol 2", "\x80\x02}q\x01(X\x03", unsupported, "pickle"},
        {"pickle of protocol 5", "\x80\x05\x95\x10", unsupported, "pickle"},
        {"tar", tar, unsupported, "pickle"},
        {"GGUF", std::string("GGUF\x03\0\0\0\0", 9), ErrorCode::Invalid, "GGUF"},
        {"LFS pointer", "version https://git-lfs.github.com/spec/v1\n", ErrorCode::Invalid, "git lfs pull"},
    };
}

void expectRefusals(const std::vector<Lie>& lies)
{
    const TemporaryFolder folder;
    for (const Lie& lie : lies) {
        SCOPED_TRACE(lie.label);
        const auto file = folder.write("m.safetensors", lie.file);
        expectError([&] { SafetensorsStore::openFile(file); }, lie.code, {file.string(), lie.word});
    }
}

} // namespace

TEST(SafetensorsHostile, Ranges)
{
    expectRefusals(liesAboutRanges());
}
TEST(SafetensorsHostile, Shapes)
{
    expectRefusals(liesAboutShapes());
}
TEST(SafetensorsHostile, Types)
{
    expectRefusals(liesAboutTypes());
}
TEST(SafetensorsHostile, Structure)
{
    expectRefusals(liesAboutStructure());
}
TEST(SafetensorsHostile, Files)
{
    expectRefusals(liesAboutTheFile());
}

TEST(SafetensorsHostile, TruncatedAnywhere)
{
    const TemporaryFolder folder;
    const std::string whole = readFile(golden("types.safetensors"));
    for (std::size_t length = 0; length < whole.size(); length += 1 + whole.size() / 64) {
        const auto file = folder.write("m.safetensors", std::string_view(whole).substr(0, length));
        expectError([&] { SafetensorsStore::openFile(file); }, ErrorCode::Invalid, {file.string()});
    }
}

TEST(SafetensorsHostile, WhatIsNoFile)
{
    const TemporaryFolder folder;
    expectError([&] { SafetensorsStore::openFile(folder.path()); }, ErrorCode::Io, {"folder"});
    expectError([&] { SafetensorsStore::openFile(folder / "none"); }, ErrorCode::Io, {"No such file"});
    expectError([&] { SafetensorsStore::openFile("/dev/zero"); }, ErrorCode::Io, {"regular file"});
}

TEST(SafetensorsHostile, AValidFileWhoseLengthLooksLikeAPickleIsRead)
{
    // A length whose low bytes are those of a pickle's PROTO opcode: 0x0280 = 640.
    const TemporaryFolder folder;
    std::string json = "{}";
    json.resize(640, ' ');
    EXPECT_TRUE(SafetensorsStore::openFile(folder.write("m", safetensorsFile(json, "")))->tensors().empty());
}

} // namespace eigenquant::test
