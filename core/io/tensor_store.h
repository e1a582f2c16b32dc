// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/results/model_info.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace eigenquant {

/// How a tensor's values are stored. From Q4_0 on they are the block types of GGUF: Q4_0 to Q8_0 and IQ4_NL of 32
/// values, the others of 256.
enum class StoredType {
    F64,
    F32,
    F16,
    BF16,
    I64,
    I32,
    I16,
    I8,
    U8,
    Bool,
    Q4_0,
    Q4_1,
    Q5_0,
    Q5_1,
    Q8_0,
    Q2_K,
    Q3_K,
    Q4_K,
    Q5_K,
    Q6_K,
    Q8_K,
    IQ4_NL,
    IQ4_XS
};

/// "F32", "BF16", "Q4_1", …
std::string_view name(StoredType type);
/// Bytes of `count` values; count is a multiple of the block for block types.
std::uint64_t storedBytes(StoredType type, std::uint64_t count);

/// One tensor of a store.
struct StoredTensor {
    std::string name;
    StoredType type = StoredType::F32;
    std::vector<std::int64_t> shape; ///< slowest dimension first
    std::span<const std::byte> bytes; ///< inside the mapped file, not necessarily aligned
    std::size_t fileIndex = 0;        ///< which file of the store holds it

    std::int64_t count() const; ///< values; 1 for a scalar
};

/// A set of named, read-only tensors in one or many mapped files. Immutable: safe to share between
/// threads. Every byte range was proved to lie inside its file when the store was opened.
class TensorStore {
public:
    virtual ~TensorStore() = default;

    const std::vector<StoredTensor>& tensors() const { return m_tensors; }
    /// Null if there is no such tensor.
    const StoredTensor* find(std::string_view name) const;
    /// Throws Error::invalid naming the tensor and the file(s).
    const StoredTensor& at(std::string_view name) const;
    const std::vector<std::filesystem::path>& files() const { return m_files; }
    /// What `info --tensors` lists.
    std::vector<TensorInfo> tensorInfo() const;
    /// XXH3-128, 32 hex digits: the tensor table (names, types, shapes) and the first and last 4 KiB
    /// of every tensor. Does not depend on paths or on how tensors are spread over files.
    std::string fingerprint() const;

    /// Dequantizes a tensor to float32, in storage order; out holds tensor.count() values.
    /// Throws Error::invalid naming the tensor, the index and the value if one is not finite,
    /// Error::unsupported for integer types.
    void readFloat(const StoredTensor& tensor, std::span<float> out) const;
    /// The same for as many values as `out` holds, from the value `first` on; both whole rows, so that they are
    /// whole blocks.
    void readFloat(const StoredTensor& tensor, std::uint64_t first, std::span<float> out) const;

protected:
    TensorStore() = default;
    /// Sorts, indexes and checks for doubled names. Called once by the opener.
    void setTensors(std::vector<StoredTensor> tensors, std::vector<std::filesystem::path> files);

private:
    std::vector<StoredTensor> m_tensors; ///< sorted by name
    std::vector<std::filesystem::path> m_files;
};

} // namespace eigenquant
