// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/gguf_split.h"

#include "core/base/error.h"
#include "core/io/printable.h"
#include "core/io/shard_name.h"

#include <limits>
#include <string>
#include <string_view>

namespace eigenquant {

namespace {

constexpr std::int64_t kMaxParts = 99999; // names have five digits

std::optional<std::int64_t> integerIf(const GgufMetadata& metadata, std::string_view key, std::int64_t low,
                                      std::int64_t high, const std::filesystem::path& file)
{
    const auto found = metadata.find(key);
    if (found == metadata.end())
        return std::nullopt;
    const auto* value = std::get_if<std::int64_t>(&found->second);
    if (value && *value >= low && *value <= high)
        return *value;
    throw Error::invalid("the file says wrongly what part of a split model it is")
        .file(file.string())
        .field(std::string(key))
        .found(value ? std::to_string(*value) : "no integer")
        .expected(std::to_string(low) + " to " + std::to_string(high));
}

} // namespace

std::optional<GgufSplit> ggufSplit(const GgufMetadata& metadata, const std::filesystem::path& file)
{
    GgufSplit split;
    // Joined files may keep the key with 0 or 1 for "not split".
    split.count = integerIf(metadata, "split.count", 0, kMaxParts, file).value_or(1);
    if (split.count <= 1)
        return std::nullopt;
    const auto number = integerIf(metadata, "split.no", 0, split.count - 1, file);
    if (!number)
        throw Error::invalid("the file does not say which part of a split model it is")
            .file(file.string())
            .field("split.no");
    split.number = *number;
    split.tensors = integerIf(metadata, "split.tensors.count", 0, std::numeric_limits<std::int64_t>::max(), file);
    return split;
}

std::vector<std::filesystem::path> ggufParts(const GgufSplit& split, const std::filesystem::path& file)
{
    const std::string given = file.filename().string();
    const auto name = ShardName::parse(given);
    if (!name || name->number != split.number + 1 || name->count != split.count) {
        const ShardName expected{"NAME", static_cast<int>(split.number + 1), static_cast<int>(split.count), ".gguf"};
        throw Error::invalid("the file's name does not agree with the part of a split model that it holds")
            .file(file.string())
            .found(printable(given))
            .expected(expected.sibling(expected.number))
            .hint("the other parts are found by their names: give the file its own back");
    }
    return shardFiles(file.parent_path(), *name);
}

std::optional<std::filesystem::path> ggufInFolder(const std::filesystem::path& folder)
{
    std::vector<std::filesystem::path> models;
    for (const std::filesystem::path& entry : folderEntries(folder)) {
        const auto part = ShardName::parse(entry.filename().string());
        if (entry.extension() == ".gguf" && (!part || part->number == 1))
            models.push_back(entry);
    }
    if (models.empty())
        return std::nullopt;
    std::string names;
    for (const std::filesystem::path& model : models)
        names += (names.empty() ? "" : ", ") + model.filename().string();
    if (models.size() > 1)
        throw Error::invalid("the folder holds several GGUF models")
            .file(folder.string())
            .found(printable(names, 400))
            .hint("give one of these files");
    return models.front();
}

} // namespace eigenquant
