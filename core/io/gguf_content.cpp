// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/gguf_content.h"

#include "core/base/error.h"
#include "core/io/file_kind.h"
#include "core/io/gguf_cursor.h"
#include "core/io/gguf_tensors.h"

#include <bit>
#include <cstring>
#include <string_view>
#include <utility>

namespace eigenquant {

namespace {

static_assert(std::endian::native == std::endian::little, "the format and this reader are little endian");

constexpr std::string_view kMagic = "GGUF";

void checkMagic(GgufCursor& cursor, std::span<const std::byte> content)
{
    if (content.size() < kMagic.size() || std::memcmp(content.data(), kMagic.data(), kMagic.size()) != 0)
        refuseForeignFile(content, cursor.file(), "a GGUF file, which begins with \"GGUF\"");
    cursor.take(kMagic.size(), "the magic number");
}

void checkVersion(GgufCursor& cursor)
{
    const auto version = cursor.number<std::uint32_t>("the version");
    if (version == 2 || version == 3)
        return;
    const std::string expected = "version 2 or 3, little endian";
    if (version == 0)
        throw Error::invalid("there is no GGUF version 0").file(cursor.file().string()).expected(expected);
    // A version of a big-endian file has its low bytes in the other half of the number.
    if ((version & 0xFFFF) == 0)
        throw Error::unsupported("this is a big-endian GGUF file")
            .file(cursor.file().string())
            .expected(expected)
            .hint("convert the model again for little-endian machines");
    throw Error::unsupported("this GGUF version is not supported")
        .file(cursor.file().string())
        .found("version " + std::to_string(version))
        .expected(expected)
        .hint("convert the model again");
}

std::int64_t integerOr(const GgufMetadata& metadata, std::string_view key, std::int64_t fallback,
                       const std::filesystem::path& file)
{
    const auto found = metadata.find(key);
    if (found == metadata.end())
        return fallback;
    if (const auto* value = std::get_if<std::int64_t>(&found->second))
        return *value;
    throw Error::invalid("the metadata is of the wrong kind")
        .file(file.string())
        .field(std::string(key))
        .expected("an integer");
}

std::uint64_t alignmentOf(const GgufMetadata& metadata, const std::filesystem::path& file)
{
    constexpr std::int64_t kDefault = 32;
    constexpr std::int64_t kLargest = std::int64_t{1} << 31; // so that sums with a file's size cannot overflow
    constexpr std::string_view kKey = "general.alignment";
    const std::int64_t alignment = integerOr(metadata, kKey, kDefault, file);
    if (alignment < 1 || alignment > kLargest || !std::has_single_bit(static_cast<std::uint64_t>(alignment)))
        throw Error::invalid("the alignment is no power of two")
            .file(file.string())
            .field(std::string(kKey))
            .found(std::to_string(alignment))
            .expected("a power of two from 1 to 2^31");
    return static_cast<std::uint64_t>(alignment);
}

} // namespace

GgufContent parseGguf(std::span<const std::byte> bytes, const std::filesystem::path& file, std::size_t fileIndex)
{
    GgufCursor cursor(bytes, file);
    checkMagic(cursor, bytes);
    checkVersion(cursor);
    const auto tensors = cursor.count("tensors", kSmallestGgufTensor);
    const auto entries = cursor.count("metadata entries", kSmallestGgufEntry);
    GgufContent content;
    content.metadata = readGgufMetadata(cursor, entries);
    content.split = ggufSplit(content.metadata, file);
    content.tensors = readGgufTensors(cursor, tensors, alignmentOf(content.metadata, file), bytes);
    for (StoredTensor& tensor : content.tensors)
        tensor.fileIndex = fileIndex;
    return content;
}

} // namespace eigenquant
