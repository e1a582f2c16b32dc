// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/tensor_store.h"

#include "core/base/error.h"
#include "core/io/dequantize.h"
#include "core/io/hash.h"
#include "core/io/mapped_file.h"
#include "core/io/printable.h"
#include "core/io/stored_type.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <utility>

namespace eigenquant {

namespace {

/// The one file of a store, or the folder of its shards.
std::string subjectOf(const std::vector<std::filesystem::path>& files)
{
    if (files.empty())
        return "no file";
    return files.size() == 1 ? files.front().string() : files.front().parent_path().string();
}

bool holdsControlCharacter(std::string_view text)
{
    return std::ranges::any_of(text, [](unsigned char c) { return c < 0x20 || c == 0x7f; });
}

std::string numberText(double value)
{
    std::array<char, 32> buffer{};
    const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value).ptr;
    return {buffer.data(), end};
}

/// The value as the file holds it: a finite F64 may be too large for float32.
double storedValue(const StoredTensor& tensor, std::size_t index, float converted)
{
    if (tensor.type != StoredType::F64)
        return converted;
    double value = 0;
    std::memcpy(&value, tensor.bytes.data() + index * sizeof value, sizeof value);
    return value;
}

} // namespace

const StoredTensor* TensorStore::find(std::string_view name) const
{
    const auto found = std::ranges::lower_bound(m_tensors, name, {}, &StoredTensor::name);
    return found != m_tensors.end() && found->name == name ? &*found : nullptr;
}

const StoredTensor& TensorStore::at(std::string_view name) const
{
    if (const StoredTensor* tensor = find(name))
        return *tensor;
    throw Error::invalid("there is no such tensor")
        .file(subjectOf(m_files))
        .field(printable(name))
        .found(std::to_string(m_tensors.size()) + " other tensors");
}

std::vector<TensorInfo> TensorStore::tensorInfo() const
{
    std::vector<TensorInfo> infos;
    infos.reserve(m_tensors.size());
    for (const StoredTensor& tensor : m_tensors)
        infos.push_back({tensor.name, std::string(eigenquant::name(tensor.type)), tensor.shape,
                         tensor.bytes.size(), m_files[tensor.fileIndex].string()});
    return infos;
}

std::string TensorStore::fingerprint() const
{
    constexpr std::size_t kSample = 4096;
    Hasher hasher;
    for (const StoredTensor& tensor : m_tensors) {
        hasher.add(tensor.name).add(eigenquant::name(tensor.type));
        hasher.add(static_cast<std::int64_t>(tensor.shape.size()));
        for (const std::int64_t dimension : tensor.shape)
            hasher.add(dimension);
        const std::size_t sample = std::min(tensor.bytes.size(), kSample);
        hasher.add(tensor.bytes.first(sample)).add(tensor.bytes.last(sample));
    }
    return hasher.hex();
}

void TensorStore::readFloat(const StoredTensor& tensor, std::span<float> out) const
{
    if (out.size() != static_cast<std::size_t>(tensor.count()))
        throw Error::internal("a buffer of the wrong size for " + printable(tensor.name));
    readFloat(tensor, 0, out);
}

void TensorStore::readFloat(const StoredTensor& tensor, std::uint64_t first, std::span<float> out) const
{
    if (!isFloatLike(tensor.type))
        throw Error::unsupported("the tensor holds no floating-point values")
            .field(printable(tensor.name))
            .file(m_files.at(tensor.fileIndex).string())
            .found(std::string(eigenquant::name(tensor.type)));
    const auto count = static_cast<std::uint64_t>(tensor.count());
    if (first > count || out.size() > count - first)
        throw Error::internal("values beyond the end of " + printable(tensor.name));
    const auto bytes = tensor.bytes.subspan(storedBytes(tensor.type, first), storedBytes(tensor.type, out.size()));
    expectReading(bytes);
    // In pieces that stay in the first-level cache, so that the check costs no second walk through memory.
    constexpr std::size_t kPiece = 4096;
    for (std::size_t begin = 0; begin < out.size(); begin += kPiece) {
        const auto piece = out.subspan(begin, std::min(kPiece, out.size() - begin));
        dequantize(tensor.type,
                   bytes.subspan(storedBytes(tensor.type, begin), storedBytes(tensor.type, piece.size())), piece);
        if (const auto bad = firstNonFinite(piece)) {
            const std::uint64_t index = first + begin + *bad;
            throw Error::invalid("a weight is not finite in float32")
                .field(printable(tensor.name))
                .file(m_files.at(tensor.fileIndex).string())
                .found(numberText(storedValue(tensor, index, piece[*bad])) + " at index " + std::to_string(index))
                .hint("the file is damaged, or its training diverged");
        }
    }
    dropPages(bytes); // a model is read layer by layer: its pages must not pile up
}

void TensorStore::setTensors(std::vector<StoredTensor> tensors, std::vector<std::filesystem::path> files)
{
    m_tensors = std::move(tensors);
    m_files = std::move(files);
    std::ranges::stable_sort(m_tensors, {}, &StoredTensor::name);
    for (const StoredTensor& tensor : m_tensors)
        if (holdsControlCharacter(tensor.name))
            throw Error::invalid("the tensor's name holds a control character")
                .field(printable(tensor.name))
                .file(m_files[tensor.fileIndex].string());
    const auto twice = std::ranges::adjacent_find(m_tensors, {}, &StoredTensor::name);
    if (twice == m_tensors.end())
        return;
    const std::string first = m_files[twice->fileIndex].string();
    const std::string second = m_files[std::next(twice)->fileIndex].string();
    throw Error::invalid("two tensors have this name")
        .file(first)
        .field(printable(twice->name))
        .found(first == second ? "both in this file" : "the other in " + second);
}

} // namespace eigenquant
