// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/safetensors.h"

#include "core/base/error.h"
#include "core/io/output_file.h"
#include "core/io/printable.h"
#include "core/io/safetensors_layout.h"

#include <bit>

namespace eigenquant {

struct SafetensorsWriter::Impl {
    OutputFile output;
    std::vector<TensorSpec> specs;
    std::size_t current = 0;   ///< the spec that is being written
    std::uint64_t written = 0; ///< bytes of it

    bool currentIsWhole() const { return written == storedBytes(specs[current]); }
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
    const std::string header = safetensorsHeader(specs, metadata);
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
    if (bytes.size() > storedBytes(impl.specs[impl.current]) - impl.written)
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
    std::uint64_t size = kSafetensorsPrefix + safetensorsHeader(specs, metadata).size();
    for (const TensorSpec& spec : specs)
        size += storedBytes(spec);
    return size;
}

} // namespace eigenquant
