// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/safetensors_draft.h"

#include "core/base/error.h"
#include "core/io/file_bytes.h"
#include "core/io/printable.h"
#include "core/io/safetensors_layout.h"
#include "core/io/system_error.h"

#include <bit>
#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace eigenquant {
namespace {

/// The header as it lies in the file, its length before it.
std::string prefixed(const std::string& header)
{
    static_assert(std::endian::native == std::endian::little, "the format is little endian");
    const std::uint64_t length = header.size();
    return std::string(reinterpret_cast<const char*>(&length), sizeof length) + header;
}

} // namespace

SafetensorsDraft::SafetensorsDraft(const std::filesystem::path& file, const std::vector<TensorSpec>& specs,
                                   const std::map<std::string, std::string>& metadata)
    : m_file(file)
{
    const std::string header = prefixed(safetensorsHeader(specs, metadata));
    std::uint64_t size = header.size();
    for (const TensorSpec& spec : specs) {
        m_tensors[spec.name] = {size, storedBytes(spec), 0};
        size += storedBytes(spec);
    }
    m_descriptor = ::open(m_file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (m_descriptor < 0)
        throw systemError(errno, m_file, "cannot create the file");
    m_wentOn = isDraftOf(header, size);
    if (!m_wentOn)
        begin(header, size);
}

SafetensorsDraft::~SafetensorsDraft()
{
    if (m_descriptor >= 0)
        ::close(m_descriptor);
}

bool SafetensorsDraft::isDraftOf(const std::string& header, std::uint64_t size) const
{
    struct stat status {};
    if (::fstat(m_descriptor, &status) != 0 || static_cast<std::uint64_t>(status.st_size) != size)
        return false;
    std::string found(header.size(), '\0');
    readAt(m_descriptor, m_file, 0, std::as_writable_bytes(std::span(found)));
    return found == header;
}

void SafetensorsDraft::begin(const std::string& header, std::uint64_t size)
{
    if (::ftruncate(m_descriptor, 0) != 0 || ::ftruncate(m_descriptor, static_cast<off_t>(size)) != 0)
        throw systemError(errno, m_file, "cannot write the file");
    writeAt(m_descriptor, m_file, 0, std::as_bytes(std::span(header)));
}

SafetensorsDraft::Place& SafetensorsDraft::place(const std::string& name)
{
    const auto found = m_tensors.find(name);
    if (found == m_tensors.end())
        throw Error::internal("a tensor was written that the file does not have: " + printable(name));
    return found->second;
}

void SafetensorsDraft::write(const std::string& name, std::span<const std::byte> bytes)
{
    Place& tensor = place(name);
    if (tensor.written == tensor.size)
        tensor.written = 0;
    if (bytes.size() > tensor.size - tensor.written)
        throw Error::internal("too many bytes were written of " + printable(name));
    writeAt(m_descriptor, m_file, tensor.begin + tensor.written, bytes);
    tensor.written += bytes.size();
}

void SafetensorsDraft::read(const std::string& name, std::span<std::byte> bytes) const
{
    const Place& tensor = m_tensors.at(name);
    if (bytes.size() != tensor.size || tensor.written != tensor.size)
        throw Error::internal("a tensor was read that is not whole: " + printable(name));
    readAt(m_descriptor, m_file, tensor.begin, bytes);
}

void SafetensorsDraft::trust(const std::string& name)
{
    Place& tensor = place(name);
    tensor.written = tensor.size;
}

void SafetensorsDraft::sync()
{
    if (::fdatasync(m_descriptor) != 0)
        throw systemError(errno, m_file, "cannot finish writing the file");
}

void SafetensorsDraft::finish()
{
    for (const auto& [name, tensor] : m_tensors)
        if (tensor.written != tensor.size)
            throw Error::internal("too few bytes were written of " + printable(name));
    sync();
    // Network file systems report a full disk only here.
    if (::close(std::exchange(m_descriptor, -1)) != 0 && errno != EINTR)
        throw systemError(errno, m_file, "cannot finish writing the file");
}

} // namespace eigenquant
