// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/token_ids.h"

#include "core/base/error.h"
#include "core/io/half_float.h"
#include "core/io/hash.h"
#include "core/io/mapped_file.h"
#include "core/io/printable.h"
#include "core/io/safetensors_header.h"
#include "core/io/stored_type.h"
#include "core/io/strict_json.h"
#include "core/io/text_file.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <string>
#include <string_view>

namespace eigenquant {

namespace {

constexpr std::string_view kNpyMagic = "\x93NUMPY";
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

bool isSpace(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\v' || c == '\f';
}

/// Numbers in a text, one after the other.
class NumberText {
public:
    NumberText(std::string_view text, const std::filesystem::path& file) : m_text(text), m_file(file) {}

    std::vector<std::int64_t> read()
    {
        std::vector<std::int64_t> ids;
        skipSpace();
        while (m_position < m_text.size()) {
            ids.push_back(number(ids.size()));
            skipSpace();
            if (m_position < m_text.size() && m_text[m_position] == ',')
                ++m_position;
            skipSpace();
        }
        return ids;
    }

private:
    void skipSpace()
    {
        while (m_position < m_text.size() && isSpace(m_text[m_position]))
            ++m_position;
    }

    std::int64_t number(std::size_t index)
    {
        const auto isEnd = [](char c) { return isSpace(c) || c == ','; };
        const std::string_view rest = m_text.substr(m_position);
        const auto length =
            static_cast<std::size_t>(std::ranges::find_if(rest, isEnd) - rest.begin());
        const std::string_view word = rest.substr(0, length);
        std::int64_t value = 0;
        const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
        if (error != std::errc() || end != word.data() + word.size())
            throw Error::invalid("this is no token id")
                .file(m_file.string())
                .field("id " + std::to_string(index))
                .found("\"" + printable(word, 40) + "\" at byte " + std::to_string(m_position))
                .expected("a decimal number");
        m_position += length;
        return value;
    }

    std::string_view m_text;
    const std::filesystem::path& m_file;
    std::size_t m_position = 0;
};

std::vector<std::int64_t> fromJson(std::string_view text, const std::filesystem::path& file)
{
    const nlohmann::json json = parseStrictJson(text, file);
    const nlohmann::json& array = json.is_object() ? JsonObject(json, file).getArray("ids") : json;
    std::vector<std::int64_t> ids;
    ids.reserve(array.size());
    for (const nlohmann::json& item : array) {
        const bool fits =
            item.is_number_integer() &&
            !(item.is_number_unsigned() &&
              item.get<std::uint64_t>() > std::uint64_t{std::numeric_limits<std::int64_t>::max()});
        if (!fits)
            throw Error::invalid("this is no token id")
                .file(file.string())
                .field("id " + std::to_string(ids.size()))
                .found(printable(item.is_structured() ? item.type_name() : item.dump(), 40))
                .expected("a whole number");
        ids.push_back(item.get<std::int64_t>());
    }
    return ids;
}

std::vector<std::int64_t> fromSafetensors(std::span<const std::byte> bytes, const std::filesystem::path& file)
{
    const SafetensorsContent content = parseSafetensors(bytes, file, 0);
    if (content.tensors.size() != 1)
        throw Error::invalid("the file must hold the ids alone")
            .file(file.string())
            .found(std::to_string(content.tensors.size()) + " tensors")
            .expected("one");
    const StoredTensor& tensor = content.tensors.front();
    const bool isWhole = tensor.type == StoredType::I64 || tensor.type == StoredType::I32 ||
                         tensor.type == StoredType::I16 || tensor.type == StoredType::I8 ||
                         tensor.type == StoredType::U8;
    const bool isVector = !tensor.shape.empty() && tensor.shape.back() == tensor.count();
    if (!isWhole || !isVector)
        throw Error::invalid("the tensor is no vector of token ids")
            .file(file.string())
            .field(printable(tensor.name))
            .found(std::string(name(tensor.type)) + " " + shapeText(tensor.shape))
            .expected("one dimension of I64, I32, I16, I8 or U8");
    return widenIntegers(tensor.bytes, layoutOf(tensor.type).blockBytes, tensor.type != StoredType::U8, file);
}

/// A header's length in 8 bytes, of which the upper ones are zero, then the header.
bool looksLikeSafetensors(std::string_view content)
{
    return content.size() > 8 && content[8] == '{' && content.substr(4, 4) == std::string_view("\0\0\0\0", 4);
}

std::vector<std::int64_t> parseIds(std::string_view content, const std::filesystem::path& file)
{
    const auto bytes = std::as_bytes(std::span(content));
    if (content.starts_with(kNpyMagic))
        return parseNpyIntegers(bytes, file);
    if (looksLikeSafetensors(content))
        return fromSafetensors(bytes, file);
    if (content.starts_with(kByteOrderMark))
        content.remove_prefix(kByteOrderMark.size());
    const auto first = std::ranges::find_if_not(content, isSpace);
    if (first != content.end() && (*first == '[' || *first == '{'))
        return fromJson(content, file);
    return NumberText(content, file).read();
}

} // namespace

std::vector<std::int32_t> readTokenIds(const std::filesystem::path& file, std::int64_t vocabulary)
{
    std::vector<std::int64_t> ids;
    if (file == "-") {
        ids = parseIds(readText(file), "standard input");
    } else {
        const auto mapped = MappedFile::open(file);
        const auto bytes = mapped->bytes();
        constexpr std::size_t kLimit = std::size_t{1} << 30; // as for texts
        if (bytes.size() > kLimit)
            throw Error::invalid("the file is too large for token ids")
                .file(file.string())
                .found(std::to_string(bytes.size()) + " bytes")
                .expected("at most " + std::to_string(kLimit));
        ids = parseIds({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, file);
    }
    checkTokenIds(ids, vocabulary, file);
    return {ids.begin(), ids.end()};
}

std::string hashTokenIds(std::span<const std::int32_t> ids)
{
    Hasher hasher;
    hasher.add("eigenquant-token-ids").add(std::as_bytes(ids));
    return hasher.hex();
}

void checkTokenIds(std::span<const std::int64_t> ids, std::int64_t vocabulary, const std::filesystem::path& file)
{
    const auto strange =
        std::ranges::find_if(ids, [&](std::int64_t id) { return id < 0 || id >= vocabulary; });
    if (strange != ids.end())
        throw Error::invalid("the model has no such token")
            .file(file.string())
            .field("id " + std::to_string(strange - ids.begin()))
            .found(std::to_string(*strange))
            .expected("0 to " + std::to_string(vocabulary - 1))
            .hint("the ids must come from the tokenizer of this model; positions are counted from 0");
}

std::vector<std::int64_t> widenIntegers(std::span<const std::byte> bytes, std::size_t size, bool isSigned,
                                        const std::filesystem::path& file)
{
    std::vector<std::int64_t> values(bytes.size() / size);
    const auto fill = [&]<class T>(T) {
        for (std::size_t i = 0; i < values.size(); ++i)
            values[i] = static_cast<std::int64_t>(loadUnaligned<T>(bytes.data() + i * size));
    };
    switch (size) {
    case 1:
        isSigned ? fill(std::int8_t{}) : fill(std::uint8_t{});
        break;
    case 2:
        isSigned ? fill(std::int16_t{}) : fill(std::uint16_t{});
        break;
    case 4:
        isSigned ? fill(std::int32_t{}) : fill(std::uint32_t{});
        break;
    case 8: // unsigned ones above 2^63 become negative, which no token is
        fill(std::int64_t{});
        break;
    default:
        throw Error::internal("integers of " + std::to_string(size) + " bytes in " + file.string());
    }
    return values;
}

} // namespace eigenquant
