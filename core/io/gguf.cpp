// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/gguf.h"

#include "core/base/error.h"
#include "core/io/file_kind.h"
#include "core/io/gguf_cursor.h"
#include "core/io/gguf_metadata.h"
#include "core/io/gguf_tensors.h"
#include "core/io/mapped_file.h"

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
        throw Error::unsupported("this is a big-endian GGUF file").file(cursor.file().string())
            .expected(expected).hint("convert the model again for little-endian machines");
    throw Error::unsupported("this GGUF version is not supported").file(cursor.file().string())
        .found("version " + std::to_string(version)).expected(expected).hint("convert the model again");
}

std::uint64_t alignmentOf(const GgufStore& store, const std::filesystem::path& file)
{
    constexpr std::int64_t kDefault = 32;
    constexpr std::int64_t kLargest = std::int64_t{1} << 31; // so that sums with a file's size cannot overflow
    constexpr std::string_view kKey = "general.alignment";
    const std::int64_t alignment = store.integerIf(kKey).value_or(kDefault);
    if (alignment < 1 || alignment > kLargest || !std::has_single_bit(static_cast<std::uint64_t>(alignment)))
        throw Error::invalid("the alignment is no power of two").file(file.string()).field(std::string(kKey))
            .found(std::to_string(alignment)).expected("a power of two from 1 to 2^31");
    return static_cast<std::uint64_t>(alignment);
}

void refuseSplit(const GgufStore& store, const std::filesystem::path& file)
{
    const std::int64_t parts = store.integerIf("split.count").value_or(1);
    if (parts > 1)
        throw Error::unsupported("the model is split over several GGUF files").file(file.string())
            .field("split.count").found(std::to_string(parts)).expected("one file")
            .hint("join them with llama-gguf-split --merge");
}

} // namespace

std::shared_ptr<const GgufStore> GgufStore::open(const std::filesystem::path& file)
{
    const std::shared_ptr<GgufStore> store(new GgufStore);
    store->m_mapping = MappedFile::open(file);
    store->setTensors({}, {file}); // the look-ups below name the file in their errors
    const auto content = store->m_mapping->bytes();
    GgufCursor cursor(content, file);
    checkMagic(cursor, content);
    checkVersion(cursor);
    const auto tensors = cursor.count("tensors", kSmallestGgufTensor);
    const auto entries = cursor.count("metadata entries", kSmallestGgufEntry);
    store->m_metadata = readGgufMetadata(cursor, entries);
    refuseSplit(*store, file);
    store->setTensors(readGgufTensors(cursor, tensors, alignmentOf(*store, file), content), {file});
    return store;
}

} // namespace eigenquant
