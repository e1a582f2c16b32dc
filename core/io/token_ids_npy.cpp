// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/io/half_float.h"
#include "core/io/printable.h"
#include "core/io/stored_type.h"
#include "core/io/token_ids.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string>
#include <string_view>

namespace eigenquant {

namespace {

/// What the header of a .npy file says, a Python dictionary such as
/// {'descr': '<i4', 'fortran_order': False, 'shape': (3,), }.
class NpyHeader {
public:
    NpyHeader(std::string_view text, const std::filesystem::path& file) : m_text(text), m_file(file) {}

    Error failure(const std::string& summary) const
    {
        return Error::invalid(summary).file(m_file.string()).found(printable(m_text, 100));
    }

    /// What stands behind a key, from the first character that is no space on.
    std::string_view behind(std::string_view key) const
    {
        const std::string quoted = "'" + std::string(key) + "':";
        const std::size_t found = m_text.find(quoted);
        const std::size_t begin =
            found == m_text.npos ? m_text.npos : m_text.find_first_not_of(' ', found + quoted.size());
        if (begin == m_text.npos)
            throw failure("the header has no " + std::string(key));
        return m_text.substr(begin);
    }

    /// "<i4"
    std::string_view type() const
    {
        const std::string_view rest = behind("descr");
        const std::size_t end = rest.find('\'', 1);
        if (rest.front() != '\'' || end == rest.npos)
            throw failure("the header's descr is no simple type");
        return rest.substr(1, end - 1);
    }

    std::vector<std::int64_t> shape() const
    {
        std::string_view rest = behind("shape");
        const std::size_t end = rest.find(')');
        if (rest.front() != '(' || end == rest.npos)
            throw failure("the header's shape is broken");
        rest = rest.substr(1, end - 1);
        std::vector<std::int64_t> dimensions;
        while (!(rest = trimmed(rest)).empty()) {
            std::int64_t value = -1;
            const auto [stop, error] = std::from_chars(rest.data(), rest.data() + rest.size(), value);
            if (error != std::errc() || value < 0 || dimensions.size() == 32)
                throw failure("the header's shape is broken");
            dimensions.push_back(value);
            rest = trimmed(rest.substr(static_cast<std::size_t>(stop - rest.data())));
            if (!rest.empty() && rest.front() != ',')
                throw failure("the header's shape is broken");
            rest.remove_prefix(rest.empty() ? 0 : 1);
        }
        return dimensions;
    }

private:
    static std::string_view trimmed(std::string_view text)
    {
        text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
        return text;
    }

    std::string_view m_text;
    const std::filesystem::path& m_file;
};

Error truncated(const std::filesystem::path& file, std::uint64_t found, std::uint64_t expected)
{
    return Error::invalid("the .npy file is truncated, or longer than it says")
        .file(file.string())
        .found(std::to_string(found) + " bytes")
        .expected(std::to_string(expected) + " bytes");
}

/// Magic, version, the length of the header in 2 bytes (format 1) or 4.
std::string_view headerText(std::span<const std::byte> bytes, const std::filesystem::path& file)
{
    constexpr std::size_t kVersion = 6;
    const bool hasVersion = bytes.size() > kVersion + 1;
    const int version = hasVersion ? std::to_integer<int>(bytes[kVersion]) : 0;
    const std::size_t begin = kVersion + 2 + (version == 1 ? 2 : 4);
    if (!hasVersion || bytes.size() < begin)
        throw truncated(file, bytes.size(), begin);
    if (version < 1 || version > 3)
        throw Error::unsupported("this version of the .npy format is not known")
            .file(file.string())
            .found(std::to_string(version))
            .expected("1 to 3");
    const std::byte* field = bytes.data() + kVersion + 2;
    const std::uint64_t length =
        version == 1 ? loadUnaligned<std::uint16_t>(field) : loadUnaligned<std::uint32_t>(field);
    if (length > bytes.size() - begin)
        throw truncated(file, bytes.size(), begin + length);
    return {reinterpret_cast<const char*>(bytes.data()) + begin, static_cast<std::size_t>(length)};
}

struct IntegerType {
    std::size_t size;
    bool isSigned;
};

IntegerType integerType(std::string_view type, const std::filesystem::path& file)
{
    const bool formed = type.size() == 3 && (type[0] == '<' || type[0] == '|') && (type[1] == 'i' || type[1] == 'u');
    const bool sized = formed && std::string_view("1248").find(type[2]) != std::string_view::npos;
    if (!sized)
        throw Error::unsupported("the array holds no integers of this machine's byte order")
            .file(file.string())
            .field("descr")
            .found("\"" + printable(type, 40) + "\"")
            .expected("<i4, <i8 or another little-endian integer type");
    return {static_cast<std::size_t>(type[2] - '0'), type[1] == 'i'};
}

} // namespace

std::vector<std::int64_t> parseNpyIntegers(std::span<const std::byte> bytes, const std::filesystem::path& file)
{
    const std::string_view text = headerText(bytes, file);
    const NpyHeader header(text, file);
    const IntegerType type = integerType(header.type(), file);
    const std::vector<std::int64_t> shape = header.shape();
    const auto count = checkedCount(shape);
    if (!count || shape.empty() || shape.back() != *count)
        throw Error::invalid("the array is no vector of token ids")
            .file(file.string())
            .field("shape")
            .found(shapeText(shape))
            .expected("one dimension");
    const auto offset = static_cast<std::size_t>(text.data() + text.size() -
                                                 reinterpret_cast<const char*>(bytes.data()));
    const auto data = bytes.subspan(offset);
    if (data.size() % type.size != 0 || data.size() / type.size != static_cast<std::uint64_t>(*count))
        throw truncated(file, data.size(), static_cast<std::uint64_t>(*count) * type.size);
    return widenIntegers(data, type.size, type.isSigned, file);
}

} // namespace eigenquant
