// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/io/tensor_store.h"

#include <filesystem>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace eigenquant {

/// Strict readers of the safetensors format (https://github.com/huggingface/safetensors): header at
/// most 100,000,000 bytes of UTF-8 JSON, `__metadata__` of strings only, byte ranges that tile the
/// buffer with no hole, overlap or tail, shape times type equal to the range, no doubled names, at
/// most 8 dimensions. Errors: Invalid for a file that lies, Unsupported for a known type that this
/// program does not read (FP8, named) and for a pickle under another name, Io.
class SafetensorsStore : public TensorStore {
public:
    /// One file.
    static std::shared_ptr<const SafetensorsStore> openFile(const std::filesystem::path& file);
    /// A model folder: `model.safetensors.index.json` with its shards, or `model.safetensors`, or every
    /// `*.safetensors` in it. The index and the disk are checked both ways. Symbolic links of the folder's
    /// entries are followed (Hugging Face caches link into ../../blobs); shard names are single path components.
    static std::shared_ptr<const SafetensorsStore> openFolder(const std::filesystem::path& folder);

    /// `__metadata__` of the file, or of all shards together.
    const std::map<std::string, std::string>& metadata() const { return m_metadata; }

private:
    SafetensorsStore() = default;
    std::map<std::string, std::string> m_metadata;
    std::vector<std::shared_ptr<const class MappedFile>> m_mappings;
};

/// A tensor to be written.
struct TensorSpec {
    std::string name;
    StoredType type = StoredType::F32; ///< no block types
    std::vector<std::int64_t> shape;
};

/// Writes one safetensors file tensor by tensor, in the order of the specs, so that no more than one
/// tensor need be in memory. Data starts 64-byte aligned. Write to a path inside an AtomicOutput.
class SafetensorsWriter {
public:
    /// Writes the header. Throws Error::io (path, reason), Error::resources on a full disk.
    SafetensorsWriter(const std::filesystem::path& file, const std::vector<TensorSpec>& specs,
                      const std::map<std::string, std::string>& metadata);
    ~SafetensorsWriter();
    SafetensorsWriter(const SafetensorsWriter&) = delete;
    SafetensorsWriter& operator=(const SafetensorsWriter&) = delete;

    /// The next tensor's bytes, in one or several pieces. Throws Error::internal if the name or the
    /// number of bytes is not the next spec's.
    void write(const std::string& name, std::span<const std::byte> bytes);
    /// Checks that every tensor was written whole, syncs and closes.
    void finish();

private:
    struct Impl;
    std::unique_ptr<Impl> m_impl;
};

/// The number of bytes such a file will have.
std::uint64_t safetensorsFileSize(const std::vector<TensorSpec>& specs,
                                  const std::map<std::string, std::string>& metadata);

} // namespace eigenquant
