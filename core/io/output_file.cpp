// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/output_file.h"

#include "core/base/error.h"
#include "core/io/system_error.h"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <unistd.h>
#include <utility>

namespace eigenquant {

namespace {

constexpr std::size_t kBufferBytes = 1 << 20;

/// Devices and pipes cannot be synced, which is no failure.
bool isSyncFailure(int number)
{
    return number != EINVAL && number != ENOTSUP && number != EROFS;
}

} // namespace

OutputFile::OutputFile(std::filesystem::path file)
    : m_file(std::move(file)), m_descriptor(::open(m_file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666))
{
    if (m_descriptor < 0)
        throw systemError(errno, m_file, "cannot create the file");
}

OutputFile::~OutputFile()
{
    if (m_descriptor >= 0)
        ::close(m_descriptor);
}

void OutputFile::write(std::span<const std::byte> bytes)
{
    if (m_buffer.size() + bytes.size() > kBufferBytes)
        flush();
    if (bytes.size() > kBufferBytes)
        writeThrough(bytes);
    else
        m_buffer.insert(m_buffer.end(), bytes.begin(), bytes.end());
}

void OutputFile::flush()
{
    writeThrough(m_buffer);
    m_buffer.clear();
}

void OutputFile::writeThrough(std::span<const std::byte> bytes)
{
    while (!bytes.empty()) {
        const ssize_t written = ::write(m_descriptor, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            throw systemError(errno, m_file, "cannot write the file");
        bytes = bytes.subspan(static_cast<std::size_t>(written));
    }
}

void OutputFile::close()
{
    flush();
    // Network file systems report a full disk only here.
    if (::close(std::exchange(m_descriptor, -1)) != 0 && errno != EINTR)
        throw systemError(errno, m_file, "cannot finish writing the file");
}

void OutputFile::finish()
{
    flush();
    if (::fsync(m_descriptor) != 0 && isSyncFailure(errno))
        throw systemError(errno, m_file, "cannot write the file to the disk");
    close();
}

void syncPath(const std::filesystem::path& path)
{
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0)
        throw systemError(errno, path, "cannot open what was written");
    const int failure = ::fsync(descriptor) == 0 ? 0 : errno;
    ::close(descriptor);
    if (failure != 0 && isSyncFailure(failure))
        throw systemError(failure, path, "cannot write to the disk");
}

} // namespace eigenquant
