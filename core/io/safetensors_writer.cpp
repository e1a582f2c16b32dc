// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/safetensors.h"

#include "core/base/error.h"
#include "core/io/output_file.h"
#include "core/io/printable.h"
#include "core/io/safetensors_header.h"
#include "core/io/stored_type.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <bit>
#include <set>

namespace eigenquant {

namespace {

constexpr std::size_t kPrefix = 8;
constexpr std::size_t kAlignment = 64;

std::uint64_t bytesOf(const TensorSpec& spec)
{
    const bool whole = std::ranges::none_of(spec.shape, [](std::int64_t d) { return d < 0; });
    if (!whole || spec.shape.size() > kMaxSafetensorsDims || layoutOf(spec.type).blockValues != 1)
        throw Error::internal("a tensor of a shape or type that safetensors cannot hold: " + printable(spec.name));
    const auto bytes = checkedBytes(spec.type, spec.shape);
    if (!bytes)
        throw Error::internal("the shape of a tensor to be written overflows: " + printable(spec.name));
    return *bytes;
}

void checkNames(const std::vector<TensorSpec>& specs)
{
    std::set<std::string_view> names{kSafetensorsMetadataKey};
    for (const TensorSpec& spec : specs)
        if (!names.insert(spec.name).second)
            throw Error::internal("a tensor name that cannot be written, or twice: " + printable(spec.name));
}

/// The JSON header in the order of the specs, padded with spaces so that the data begins aligned.
std::string headerOf(const std::vector<TensorSpec>& specs, const std::map<std::string, std::string>& metadata)
{
    checkNames(specs);
    nlohmann::ordered_json header = nlohmann::ordered_json::object();
    if (!metadata.empty())
        header[std::string(kSafetensorsMetadataKey)] = metadata;
    std::uint64_t offset = 0;
    std::string text = header.dump();
    text.pop_back(); // the tensors go in as text: ordered_json looks its keys up one by one
    for (const TensorSpec& spec : specs) {
        const std::uint64_t end = offset + bytesOf(spec);
        const nlohmann::ordered_json entry{
            {"dtype", name(spec.type)}, {"shape", spec.shape}, {"data_offsets", {offset, end}}};
        if (text.size() > 1)
            text += ',';
        text += nlohmann::json(spec.name).dump();
        text += ':';
        text += entry.dump();
        offset = end;
    }
    text += '}';
    text.append((kAlignment - (kPrefix + text.size()) % kAlignment) % kAlignment, ' ');
    if (text.size() > kMaxSafetensorsHeader)
        throw Error::unsupported("too many tensors for one safetensors file")
            .found("a header of " + std::to_string(text.size()) + " bytes")
            .expected("at most " + std::to_string(kMaxSafetensorsHeader));
    return text;
}

} // namespace

struct SafetensorsWriter::Impl {
    OutputFile output;
    std::vector<TensorSpec> specs;
    std::size_t current = 0;   ///< the spec that is being written
    std::uint64_t written = 0; ///< bytes of it

    bool currentIsWhole() const { return written == bytesOf(specs[current]); }
    void next()
    {
        if (!currentIsWhole())
            throw Error::internal("too few bytes were written of " + printable(specs[current].name));
        ++current;
        written = 0;
    }
};

SafetensorsWriter::SafetensorsWriter(const std::filesystem::path& file, const std::vector<TensorSpec>& specs,
                                     const std::map<std::string, std::string>& metadata)
{
    static_assert(std::endian::native == std::endian::little, "the format is little endian");
    const std::string header = headerOf(specs, metadata);
    m_impl.reset(new Impl{.output = OutputFile(file), .specs = specs});
    const std::uint64_t length = header.size();
    m_impl->output.write(std::as_bytes(std::span(&length, 1)));
    m_impl->output.write(std::as_bytes(std::span(header)));
}

SafetensorsWriter::~SafetensorsWriter() = default;

void SafetensorsWriter::write(const std::string& name, std::span<const std::byte> bytes)
{
    Impl& impl = *m_impl;
    while (impl.current < impl.specs.size() && impl.specs[impl.current].name != name)
        impl.next();
    if (impl.current == impl.specs.size())
        throw Error::internal("a tensor was written that is not the next one: " + printable(name));
    if (bytes.size() > bytesOf(impl.specs[impl.current]) - impl.written)
        throw Error::internal("too many bytes were written of " + printable(name));
    impl.output.write(bytes);
    impl.written += bytes.size();
}

void SafetensorsWriter::finish()
{
    while (m_impl->current < m_impl->specs.size())
        m_impl->next();
    m_impl->output.finish();
}

std::uint64_t safetensorsFileSize(const std::vector<TensorSpec>& specs,
                                  const std::map<std::string, std::string>& metadata)
{
    std::uint64_t size = kPrefix + headerOf(specs, metadata).size();
    for (const TensorSpec& spec : specs)
        size += bytesOf(spec);
    return size;
}

} // namespace eigenquant
