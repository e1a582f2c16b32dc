// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/safetensors_header.h"

#include "core/base/error.h"
#include "core/io/file_kind.h"
#include "core/io/printable.h"
#include "core/io/stored_type.h"
#include "core/io/strict_json.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>
#include <utility>

namespace eigenquant {

namespace {

using nlohmann::json;

constexpr std::array kTypes{StoredType::F64, StoredType::F32, StoredType::F16, StoredType::BF16, StoredType::I64,
                            StoredType::I32, StoredType::I16, StoredType::I8,  StoredType::U8,   StoredType::Bool};

/// Types of the format that this program has no use for.
constexpr std::array<std::string_view, 14> kForeignTypes{
    "F8_E4M3", "F8_E5M2", "F8_E8M0", "F8_E4M3FNUZ", "F8_E5M2FNUZ", "F8_E3M4", "F6_E2M3",
    "F6_E3M2", "F4",      "C64",     "C128",        "U64",         "U32",     "U16"};

std::string supportedTypes()
{
    std::string list;
    for (const StoredType type : kTypes)
        list += (list.empty() ? "" : ", ") + std::string(name(type));
    return list;
}

StoredType parseType(const JsonObject& entry)
{
    const std::string text = entry.getString("dtype");
    const auto found = std::ranges::find(kTypes, text, [](StoredType type) { return name(type); });
    if (found != kTypes.end())
        return *found;
    const bool known = std::ranges::find(kForeignTypes, text) != kForeignTypes.end();
    Error error = known ? Error::unsupported("the tensor's type is not supported")
                        : Error::invalid("the tensor's type is unknown");
    throw error.file(entry.source().string())
        .field(printable(entry.fieldName("dtype")))
        .found(printable(text, 40))
        .expected("one of " + supportedTypes())
        .hint(known ? "open a checkpoint of the model in F32, F16 or BF16" : "the file is damaged");
}

/// An array of whole numbers from 0 on, as a file has them.
std::vector<std::int64_t> parseNumbers(const JsonObject& entry, std::string_view key)
{
    std::vector<std::int64_t> numbers;
    for (const json& item : entry.getArray(key)) {
        const bool fits = item.is_number_unsigned() &&
                          item.get<std::uint64_t>() <= std::uint64_t{std::numeric_limits<std::int64_t>::max()};
        if (!fits)
            throw Error::invalid("a number is negative, broken or too large")
                .file(entry.source().string())
                .field(printable(entry.fieldName(key)))
                .found(printable(item.dump(), 40))
                .expected("a whole number from 0 to 2^63 - 1");
        numbers.push_back(item.get<std::int64_t>());
    }
    return numbers;
}

std::vector<std::int64_t> parseShape(const JsonObject& entry)
{
    std::vector<std::int64_t> shape = parseNumbers(entry, "shape");
    if (shape.size() > kMaxSafetensorsDims)
        throw Error::invalid("the tensor has too many dimensions")
            .file(entry.source().string())
            .field(printable(entry.fieldName("shape")))
            .found(std::to_string(shape.size()))
            .expected("at most " + std::to_string(kMaxSafetensorsDims));
    return shape;
}

struct Range {
    std::uint64_t begin, end;
};

Range parseRange(const JsonObject& entry, std::uint64_t bufferBytes)
{
    const std::vector<std::int64_t> offsets = parseNumbers(entry, "data_offsets");
    const auto fail = [&](std::string summary, std::string found, std::string expected) {
        return Error::invalid(std::move(summary))
            .file(entry.source().string())
            .field(printable(entry.fieldName("data_offsets")))
            .found(std::move(found))
            .expected(std::move(expected));
    };
    if (offsets.size() != 2)
        throw fail("the range is malformed", std::to_string(offsets.size()) + " numbers", "begin and end");
    const Range range{static_cast<std::uint64_t>(offsets[0]), static_cast<std::uint64_t>(offsets[1])};
    if (range.begin > range.end || range.end > bufferBytes)
        throw fail("the range lies outside the file, which may be truncated", shapeText(offsets),
                   "within 0 to " + std::to_string(bufferBytes))
            .hint("download the file again");
    return range;
}

void checkSize(const StoredTensor& tensor, Range range, const std::filesystem::path& file)
{
    const auto bytes = checkedBytes(tensor.type, tensor.shape);
    const std::string what = std::string(name(tensor.type)) + " " + shapeText(tensor.shape);
    if (!bytes)
        throw Error::invalid("the shape overflows").file(file.string()).field(printable(tensor.name)).found(what);
    if (*bytes != range.end - range.begin)
        throw Error::invalid("shape and type do not fit the range of bytes")
            .file(file.string())
            .field(printable(tensor.name))
            .found(std::to_string(range.end - range.begin) + " bytes")
            .expected(std::to_string(*bytes) + " bytes for " + what);
}

StoredTensor parseTensor(const std::string& tensorName, const json& value, std::span<const std::byte> buffer,
                         const std::filesystem::path& file)
{
    const JsonObject entry(value, file, tensorName + ".");
    for (const auto& member : value.items())
        if (member.key() != "dtype" && member.key() != "shape" && member.key() != "data_offsets")
            throw Error::invalid("an unknown member of a tensor's entry")
                .file(file.string())
                .field(printable(entry.fieldName(member.key())))
                .expected("only dtype, shape and data_offsets");
    StoredTensor tensor;
    tensor.name = tensorName;
    tensor.type = parseType(entry);
    tensor.shape = parseShape(entry);
    const Range range = parseRange(entry, buffer.size());
    checkSize(tensor, range, file);
    tensor.bytes = buffer.subspan(range.begin, range.end - range.begin);
    return tensor;
}

/// Sorted by place, each tensor must begin where the one before ended, and the last end with the buffer.
void checkTiling(const std::vector<StoredTensor>& tensors, std::span<const std::byte> buffer,
                 const std::filesystem::path& file)
{
    std::vector<const StoredTensor*> sorted;
    for (const StoredTensor& tensor : tensors)
        sorted.push_back(&tensor);
    std::ranges::sort(sorted, {},
                      [](const StoredTensor* t) { return std::pair(t->bytes.data(), t->bytes.size()); });
    const std::byte* reached = buffer.data();
    for (const StoredTensor* tensor : sorted) {
        if (tensor->bytes.data() != reached)
            throw Error::invalid(tensor->bytes.data() < reached ? "the tensor overlaps the one before it"
                                                                : "there is a hole in front of the tensor's data")
                .file(file.string())
                .field(printable(tensor->name))
                .found("a begin at " + std::to_string(tensor->bytes.data() - buffer.data()))
                .expected(std::to_string(reached - buffer.data()));
        reached += tensor->bytes.size();
    }
    if (reached != buffer.data() + buffer.size())
        throw Error::invalid("there are bytes behind the last tensor")
            .file(file.string())
            .found(std::to_string(buffer.data() + buffer.size() - reached) + " bytes")
            .expected("none");
}

std::map<std::string, std::string> parseMetadata(const json& value, const std::filesystem::path& file)
{
    const JsonObject object(value, file, std::string(kSafetensorsMetadataKey) + ".");
    std::map<std::string, std::string> metadata;
    for (const auto& [key, text] : value.items()) {
        if (!text.is_string())
            throw Error::invalid("metadata must be strings")
                .file(file.string())
                .field(printable(object.fieldName(key)))
                .found(text.type_name());
        metadata.emplace(key, text.get<std::string>());
    }
    return metadata;
}

/// The JSON text, its length proved.
std::string_view headerText(std::span<const std::byte> content, const std::filesystem::path& file)
{
    constexpr std::size_t kPrefix = 8;
    std::uint64_t length = 0;
    if (content.size() >= kPrefix)
        std::memcpy(&length, content.data(), kPrefix);
    const bool opens = content.size() > kPrefix && content[kPrefix] == std::byte{'{'};
    if (!opens || length > kMaxSafetensorsHeader)
        refuseForeignFile(content, file,
                          "a safetensors file: the length of its header (at most 100000000) in 8 "
                          "bytes, then the header, which begins with {");
    if (length > content.size() - kPrefix)
        throw Error::invalid("the header is truncated, or its length is wrong")
            .file(file.string())
            .found(std::to_string(content.size() - kPrefix) + " bytes")
            .expected(std::to_string(length) + " bytes")
            .hint("download the file again");
    return {reinterpret_cast<const char*>(content.data()) + kPrefix, static_cast<std::size_t>(length)};
}

} // namespace

SafetensorsContent parseSafetensors(std::span<const std::byte> bytes, const std::filesystem::path& file,
                                    std::size_t fileIndex)
{
    const std::string_view text = headerText(bytes, file);
    const auto buffer = bytes.subspan(8 + text.size());
    const json header = parseStrictJson(text, file, {.depth = 4, .bytes = kMaxSafetensorsHeader});
    SafetensorsContent content;
    for (const auto& [key, value] : JsonObject(header, file).raw().items()) {
        if (key == kSafetensorsMetadataKey) {
            content.metadata = parseMetadata(value, file);
            continue;
        }
        content.tensors.push_back(parseTensor(key, value, buffer, file));
        content.tensors.back().fileIndex = fileIndex;
    }
    checkTiling(content.tensors, buffer, file);
    return content;
}

} // namespace eigenquant
