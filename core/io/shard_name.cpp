// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/shard_name.h"

#include "core/base/error.h"
#include "core/io/printable.h"
#include "core/io/system_error.h"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <system_error>

namespace eigenquant {

namespace {

constexpr std::size_t kDigits = 5;
constexpr std::string_view kOf = "-of-";
/// "-00002-of-00003"
constexpr std::size_t kPlaceLength = 1 + kDigits + kOf.size() + kDigits;

std::optional<int> fiveDigits(std::string_view text)
{
    const auto isDigit = [](char c) { return c >= '0' && c <= '9'; };
    if (text.size() != kDigits || !std::ranges::all_of(text, isDigit))
        return std::nullopt;
    int value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

std::string fiveDigits(int value)
{
    const std::string digits = std::to_string(value);
    return std::string(kDigits - std::min(digits.size(), kDigits), '0') + digits;
}

} // namespace

std::optional<ShardName> ShardName::parse(std::string_view name)
{
    const std::size_t dot = name.rfind('.');
    if (dot == name.npos || dot <= kPlaceLength)
        return std::nullopt;
    const std::string_view place = name.substr(dot - kPlaceLength, kPlaceLength);
    const auto number = fiveDigits(place.substr(1, kDigits));
    const auto count = fiveDigits(place.substr(kPlaceLength - kDigits));
    const bool formed = place.front() == '-' && place.substr(1 + kDigits, kOf.size()) == kOf;
    if (!formed || !number || !count || *number < 1 || *number > *count)
        return std::nullopt;
    return ShardName{std::string(name.substr(0, dot - kPlaceLength)), *number, *count, std::string(name.substr(dot))};
}

std::string ShardName::sibling(int other) const
{
    return stem + "-" + fiveDigits(other) + std::string(kOf) + fiveDigits(count) + extension;
}

std::vector<std::filesystem::path> shardFiles(const std::filesystem::path& folder, const ShardName& name)
{
    std::vector<std::filesystem::path> files;
    for (int i = 1; i <= name.count; ++i)
        files.push_back(folder / name.sibling(i));
    requireFiles(files, folder / name.sibling(name.number));
    return files;
}

bool fileExists(const std::filesystem::path& file)
{
    std::error_code refused;
    return std::filesystem::exists(file, refused);
}

std::vector<std::filesystem::path> folderEntries(const std::filesystem::path& folder)
{
    std::error_code refused;
    std::vector<std::filesystem::path> entries;
    for (std::filesystem::directory_iterator entry(folder, refused), end; !refused && entry != end;
         entry.increment(refused))
        entries.push_back(entry->path());
    if (refused)
        throw systemError(refused.value(), folder, "cannot list the folder");
    std::ranges::sort(entries);
    return entries;
}

void requireFiles(const std::vector<std::filesystem::path>& files, const std::filesystem::path& subject)
{
    constexpr std::size_t kNamed = 400;
    std::string missing;
    for (const std::filesystem::path& file : files)
        if (missing.size() <= kNamed && !fileExists(file))
            missing += (missing.empty() ? "" : ", ") + file.filename().string();
    if (!missing.empty())
        throw Error::invalid("missing shard: " + printable(missing, kNamed))
            .file(subject.string())
            .hint("download the files that are missing");
}

} // namespace eigenquant
