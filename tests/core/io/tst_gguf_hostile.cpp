// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/gguf.h"
#include "core/io/text_file.h"
#include "tests/core/io/gguf_builder.h"
#include "tests/support/temporary_folder.h"

#include <functional>

namespace eigenquant::test {

namespace {

struct Lie {
    const char* label;
    std::function<void(GgufBuilder&)> tell; ///< makes a valid file wrong
    ErrorCode code;
    std::string_view word; ///< that the message must hold
};

using B = GgufBuilder;
constexpr auto kInvalid = ErrorCode::Invalid;
constexpr auto kUnsupported = ErrorCode::Unsupported;
constexpr std::int64_t kHuge = std::int64_t{1} << 60;

/// Replaces the metadata by one entry of a type and raw bytes.
std::function<void(B&)> value(std::uint32_t type, std::string bytes)
{
    return [=](B& b) { b.entries = {B::entry("key", type, bytes)}; };
}

/// Replaces the tensor table.
std::function<void(B&)> table(std::vector<std::string> lines)
{
    return [=](B& b) { b.tensors = lines; };
}

std::function<void(B&)> alignment(std::uint32_t bytes)
{
    return [=](B& b) { b.entries = {B::entry("general.alignment", 4, bytesOf(bytes))}; };
}

std::vector<Lie> liesAboutTheHeader()
{
    return {
        {"magic", [](B& b) { b.magic = "GGUX"; }, kInvalid, "another format"},
        {"zip", [](B& b) { b.magic = "PK\x03\x04"; }, kUnsupported, "pickle"},
        {"pickle", [](B& b) { b.magic = std::string("\x80\x02}\x71"); }, kUnsupported, "pickle"},
        {"old GGML", [](B& b) { b.magic = "tjgg"; }, kUnsupported, "GGML"},
        {"version 0", [](B& b) { b.version = 0; }, kInvalid, "version 0"},
        {"version 1", [](B& b) { b.version = 1; }, kUnsupported, "version 1"},
        {"version 4", [](B& b) { b.version = 4; }, kUnsupported, "version 4"},
        {"big endian", [](B& b) { b.version = 3u << 24; }, kUnsupported, "big-endian"},
        {"2^60 tensors", [](B& b) { b.tensorCount = kHuge; }, kInvalid, "more tensors"},
        {"2^60 entries", [](B& b) { b.entryCount = kHuge; }, kInvalid, "more metadata entries"},
        {"2^63 - 1 tensors", [](B& b) { b.tensorCount = INT64_MAX; }, kInvalid, "more tensors"},
        {"one tensor too many", [](B& b) { b.tensorCount = 2; }, kInvalid, "m.gguf"},
        {"one entry too many", [](B& b) { b.entryCount = 2; }, kInvalid, "m.gguf"},
        {"one entry too few", [](B& b) { b.entryCount = 0; }, kInvalid, "m.gguf"},
    };
}

std::vector<Lie> liesAboutMetadata()
{
    const auto u32 = [](std::uint32_t n) { return bytesOf(n); };
    const auto u64 = [](std::uint64_t n) { return bytesOf(n); };
    return {
        {"string beyond the file", value(8, u64(100'000) + "x"), kInvalid, "too long"},
        {"string of 2^64 - 1", value(8, u64(UINT64_MAX)), kInvalid, "too long"},
        {"string not UTF-8", value(8, B::text("\xc3\x28")), kInvalid, "UTF-8"},
        {"array of 2^61 int64", value(9, u32(11) + u64(std::uint64_t{1} << 61)), kInvalid, "more elements"},
        {"array of 2^62 strings", value(9, u32(8) + u64(std::uint64_t{1} << 62)), kInvalid, "more elements"},
        {"array beyond the file", value(9, u32(0) + u64(100'000)), kInvalid, "more elements"},
        {"array of arrays", value(9, u32(9) + u64(1)), kUnsupported, "array of arrays"},
        {"array of an unknown type", value(9, u32(13) + u64(0)), kInvalid, "unknown element type"},
        {"unknown type", value(13, ""), kInvalid, "unknown value type"},
        {"truth value 2", value(7, "\2"), kInvalid, "neither 0 nor 1"},
        {"uint64 too large", value(10, u64(UINT64_MAX)), kInvalid, "too large"},
        {"key twice", [](B& b) { b.entries.push_back(b.entries[0]); }, kInvalid, "twice"},
        {"key empty", [](B& b) { b.entries = {B::entry("", 0, "1")}; }, kInvalid, "empty"},
        {"key too long", [](B& b) { b.entries = {B::entry(std::string(70'000, 'k'), 0, "1")}; }, kInvalid,
         "too long"},
        {"alignment 0", alignment(0), kInvalid, "power of two"},
        {"alignment 3", alignment(3), kInvalid, "power of two"},
        {"alignment 48", alignment(48), kInvalid, "power of two"},
        {"alignment a string", [](B& b) { b.entries = {B::entry("general.alignment", 8, B::text("32"))}; },
         kInvalid, "an integer"},
        {"alignment negative",
         [](B& b) { b.entries = {B::entry("general.alignment", 5, bytesOf<std::int32_t>(-32))}; }, kInvalid,
         "power of two"},
        {"alignment past the data", alignment(1u << 30), kInvalid, "beyond the end"},
        {"split", [](B& b) { b.entries = {B::entry("split.count", 2, bytesOf<std::uint16_t>(3))}; }, kInvalid,
         "split.no"},
    };
}

std::vector<Lie> liesAboutTensors()
{
    const std::uint64_t large = std::uint64_t{1} << 32;
    return {
        {"K-quant that is cut off", table({B::tensor("w", {256}, 12, 0)}), kInvalid, "expected 144 bytes"},
        {"K-quant with short rows", table({B::tensor("w", {32}, 14, 0)}), kInvalid, "a multiple of 256"},
        {"IQ3_S lists what is supported", table({B::tensor("w", {256}, 21, 0)}), kUnsupported, "Q4_0, Q4_1, Q5_0"},
        {"IQ2_XXS", table({B::tensor("w", {256}, 16, 0)}), kUnsupported, "IQ2_XXS"},
        {"I32", table({B::tensor("w", {8}, 26, 0)}), kUnsupported, "I32"},
        {"unknown type", table({B::tensor("w", {8}, 4'000'000, 0)}), kUnsupported, "4000000"},
        {"five dimensions", table({B::tensor("w", {1, 1, 1, 1, 24}, 0, 0)}), kInvalid, "at most 4"},
        {"2^32 - 1 dimensions", table({B::text("w") + bytesOf(UINT32_MAX)}), kInvalid, "at most 4"},
        {"dimension of 2^63", table({B::tensor("w", {std::uint64_t{1} << 63}, 0, 0)}), kInvalid, "overflows"},
        {"shape overflows", table({B::tensor("w", {large, large}, 0, 0)}), kInvalid, "overflows"},
        {"shape overflows behind zero", table({B::tensor("w", {0, large, large}, 0, 0)}), kInvalid, "overflows"},
        {"row no multiple of the block", table({B::tensor("w", {16, 2}, 2, 0)}), kInvalid, "multiple of 32"},
        {"tensor beyond the file", table({B::tensor("w", {8, 4}, 0, 0)}), kInvalid, "beyond the end"},
        {"offset not zero", table({B::tensor("w", {8, 2}, 0, 32)}), kInvalid, "offset"},
        {"offset huge", table({B::tensor("w", {8, 2}, 0, UINT64_MAX - 31)}), kInvalid, "offset"},
        {"offset the same", table({B::tensor("w", {8}, 0, 0), B::tensor("v", {8, 2}, 0, 0)}), kInvalid, "v: "},
        {"offset with a hole", table({B::tensor("w", {8}, 0, 0), B::tensor("v", {8}, 0, 64)}), kInvalid,
         "expected 32"},
        {"offset without padding", table({B::tensor("w", {1}, 0, 0), B::tensor("v", {8}, 0, 4)}), kInvalid,
         "expected 32"},
        {"tensor twice", table({B::tensor("w", {8}, 0, 0), B::tensor("w", {8, 2}, 0, 32)}), kInvalid,
         "two tensors"},
        {"name too long", table({B::tensor(std::string(65, 'n'), {8, 3}, 0, 0)}), kInvalid, "at most 64"},
        {"name not UTF-8", table({B::tensor("w\xff", {8, 3}, 0, 0)}), kInvalid, "UTF-8"},
        {"name with a control character", table({B::tensor("w\n", {8, 3}, 0, 0)}), kInvalid, "control"},
        {"tail", [](B& b) { b.data += std::string(32, '\0'); }, kInvalid, "behind the last tensor"},
        {"tail without tensors", table({}), kInvalid, "behind the last tensor"},
    };
}

void expectRefusals(const std::vector<Lie>& lies)
{
    const TemporaryFolder folder;
    for (const Lie& lie : lies) {
        SCOPED_TRACE(lie.label);
        GgufBuilder builder = GgufBuilder::valid();
        lie.tell(builder);
        const auto file = folder.write("m.gguf", builder.file());
        expectError([&] { GgufStore::open(file); }, lie.code, {file.string(), lie.word});
    }
}

} // namespace

TEST(GgufHostile, Headers)
{
    expectRefusals(liesAboutTheHeader());
}
TEST(GgufHostile, Metadata)
{
    expectRefusals(liesAboutMetadata());
}
TEST(GgufHostile, Tensors)
{
    expectRefusals(liesAboutTensors());
}

TEST(GgufHostile, TruncatedAnywhere)
{
    const TemporaryFolder folder;
    const std::string whole = readFile(golden("types.gguf"));
    // Up to 31 bytes of padding behind the last tensor are no loss.
    for (std::size_t length = 0; length + 32 < whole.size(); length += 1 + whole.size() / 64) {
        const auto file = folder.write("m.gguf", std::string_view(whole).substr(0, length));
        expectError([&] { GgufStore::open(file); }, ErrorCode::Invalid, {file.string()});
    }
}

} // namespace eigenquant::test
