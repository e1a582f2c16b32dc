// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/safetensors.h"

#include "core/base/error.h"
#include "core/io/mapped_file.h"
#include "core/io/printable.h"
#include "core/io/safetensors_header.h"
#include "core/io/shard_name.h"
#include "core/io/strict_json.h"
#include "core/io/text_file.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <set>
#include <string_view>
#include <system_error>
#include <utility>

namespace eigenquant {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view kIndexName = "model.safetensors.index.json";
constexpr std::string_view kExtension = ".safetensors";

/// Which shard the index says each tensor is in.
using WeightMap = std::map<std::string, std::string, std::less<>>;

/// A name from an index is untrusted: it must not lead out of the folder.
bool isShardName(std::string_view text)
{
    return text.size() > kExtension.size() && text.ends_with(kExtension) && !text.starts_with('.') &&
           text.find_first_of(std::string_view("/\\\0", 3)) == text.npos;
}

WeightMap readIndex(const fs::path& file)
{
    constexpr std::uint64_t kLimit = 256ull << 20;
    const nlohmann::json json = parseStrictJson(readFile(file, kLimit), file);
    const JsonObject map = JsonObject(json, file).getObject("weight_map");
    WeightMap shards;
    for (const auto& [tensor, shard] : map.raw().items()) {
        if (!shard.is_string() || !isShardName(shard.get_ref<const std::string&>()))
            throw Error::invalid("this is not the name of a shard")
                .file(file.string())
                .field(printable(map.fieldName(tensor)))
                .found(printable(shard.dump(), 60))
                .expected("a file name that ends in .safetensors, without a folder");
        shards.emplace(tensor, shard.get<std::string>());
    }
    return shards;
}

/// The shards that an index names, each once and all there.
std::vector<fs::path> shardsOf(const WeightMap& shards, const fs::path& folder)
{
    std::set<std::string> names;
    for (const auto& [tensor, shard] : shards)
        names.insert(shard);
    std::vector<fs::path> files;
    for (const std::string& shard : names)
        files.push_back(folder / shard);
    requireFiles(files, folder / kIndexName);
    return files;
}

/// The index and the shards must say the same.
void checkAgainstIndex(const std::vector<StoredTensor>& tensors, const std::vector<fs::path>& files,
                       WeightMap shards, const fs::path& index)
{
    for (const StoredTensor& tensor : tensors) {
        const std::string file = files[tensor.fileIndex].filename().string();
        const auto entry = shards.find(tensor.name);
        if (entry == shards.end())
            throw Error::invalid("the tensor is not in the index")
                .file(index.string())
                .field(printable(tensor.name))
                .found("it in " + file);
        if (entry->second != file)
            throw Error::invalid("the tensor is in another shard than the index says, or in two")
                .file(index.string())
                .field(printable(tensor.name))
                .found(file)
                .expected(printable(entry->second));
        shards.erase(entry);
    }
    if (!shards.empty())
        throw Error::invalid("the tensor is not in the shard that the index names")
            .file(index.string())
            .field(printable(shards.begin()->first))
            .expected("it in " + printable(shards.begin()->second));
}

[[noreturn]] void refuseFolderWithoutWeights(const fs::path& folder, const std::vector<fs::path>& entries)
{
    constexpr std::array<std::string_view, 5> kPickles{".bin", ".pt", ".pth", ".pkl", ".ckpt"};
    constexpr std::array<std::string_view, 4> kOthers{".h5", ".msgpack", ".onnx", ".npz"};
    const auto firstOf = [&](std::span<const std::string_view> extensions) {
        return std::ranges::find_if(entries, [&](const fs::path& entry) {
            return std::ranges::find(extensions, entry.extension().string()) != extensions.end();
        });
    };
    if (const auto pickle = firstOf(kPickles); pickle != entries.end())
        throw Error::unsupported("the folder has its weights only as Python pickles, which can run code and are "
                                 "never opened")
            .file(folder.string())
            .found(printable(pickle->filename().string()))
            .hint("convert the model to safetensors: load it with transformers and call "
                  "save_pretrained(folder, safe_serialization=True)");
    if (const auto other = firstOf(kOthers); other != entries.end())
        throw Error::unsupported("the folder has its weights in a format that is not read")
            .file(folder.string())
            .found(printable(other->filename().string()))
            .expected("safetensors")
            .hint("convert the model to safetensors");
    throw Error::invalid("there is no .safetensors file in the folder").file(folder.string());
}

/// What a folder without an index holds: as transformers does, the file of the usual name alone, if it is there,
/// and otherwise all; of numbered shards none may be missing.
std::vector<fs::path> weightFilesIn(const fs::path& folder)
{
    if (const fs::path single = folder / "model.safetensors"; fileExists(single))
        return {single};
    const std::vector<fs::path> entries = folderEntries(folder);
    std::vector<fs::path> files;
    for (const fs::path& entry : entries)
        if (isShardName(entry.filename().string()))
            files.push_back(entry);
    if (files.empty())
        refuseFolderWithoutWeights(folder, entries);
    for (const fs::path& file : files)
        if (const auto name = ShardName::parse(file.filename().string()); name)
            shardFiles(folder, *name);
    return files;
}

} // namespace

std::shared_ptr<const SafetensorsStore> SafetensorsStore::openFile(const fs::path& file)
{
    const std::shared_ptr<SafetensorsStore> store(new SafetensorsStore);
    store->m_mappings.push_back(MappedFile::open(file));
    SafetensorsContent content = parseSafetensors(store->m_mappings.front()->bytes(), file, 0);
    store->m_metadata = std::move(content.metadata);
    store->setTensors(std::move(content.tensors), {file});
    return store;
}

std::shared_ptr<const SafetensorsStore> SafetensorsStore::openFolder(const fs::path& folder)
{
    std::error_code refused;
    if (!fs::is_directory(folder, refused))
        throw Error::io("there is no such folder").file(folder.string());
    const fs::path index = folder / kIndexName;
    // A dangling link counts as an index: going on without it would read the wrong set of files.
    const bool indexed = fs::exists(fs::symlink_status(index, refused));
    const WeightMap shards = indexed ? readIndex(index) : WeightMap();
    std::vector<fs::path> files = indexed ? shardsOf(shards, folder) : weightFilesIn(folder);

    const std::shared_ptr<SafetensorsStore> store(new SafetensorsStore);
    std::vector<StoredTensor> tensors;
    for (const fs::path& file : files) {
        store->m_mappings.push_back(MappedFile::open(file));
        const std::size_t fileIndex = store->m_mappings.size() - 1;
        SafetensorsContent content = parseSafetensors(store->m_mappings.back()->bytes(), file, fileIndex);
        store->m_metadata.merge(content.metadata);
        std::ranges::move(content.tensors, std::back_inserter(tensors));
    }
    if (indexed)
        checkAgainstIndex(tensors, files, shards, index);
    store->setTensors(std::move(tensors), std::move(files));
    return store;
}

} // namespace eigenquant
