// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/mapped_file.h"

#include "core/base/error.h"
#include "core/io/system_error.h"

#include <cerrno>
#include <cstdint>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace eigenquant {

namespace {

std::span<const std::byte> map(int descriptor, const std::filesystem::path& file)
{
    struct stat status {};
    if (::fstat(descriptor, &status) != 0)
        throw systemError(errno, file, "cannot look at the file");
    if (S_ISDIR(status.st_mode))
        throw Error::io("this is a folder").file(file.string()).expected("a file");
    if (!S_ISREG(status.st_mode))
        throw Error::io("this is not a regular file").file(file.string()).hint("copy it to a disk first");
    if (status.st_size == 0)
        return {};
    const auto size = static_cast<std::size_t>(status.st_size);
    void* address = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, descriptor, 0);
    if (address == MAP_FAILED)
        throw systemError(errno, file, "cannot map the file into memory");
    return {static_cast<const std::byte*>(address), size};
}

/// Advice about all pages that `bytes` touch. It is only advice: where the kernel does not take it, nothing is lost but
/// time or memory.
void advise(std::span<const std::byte> bytes, int advice)
{
    const auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
    const auto address = reinterpret_cast<std::uintptr_t>(bytes.data());
    const std::uintptr_t first = address / page * page;
    if (!bytes.empty())
        (void)::madvise(reinterpret_cast<void*>(first), address + bytes.size() - first, advice);
}

} // namespace

std::shared_ptr<const MappedFile> MappedFile::open(const std::filesystem::path& file)
{
    // Without O_NONBLOCK a named pipe would hang here instead of being refused below.
    const int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (descriptor < 0)
        throw systemError(errno, file, "cannot open the file");
    struct Closer {
        int number;
        ~Closer() { ::close(number); }
    } closer{descriptor};
    return std::shared_ptr<const MappedFile>(new MappedFile(map(descriptor, file)));
}

MappedFile::~MappedFile()
{
    if (!m_bytes.empty())
        ::munmap(const_cast<std::byte*>(m_bytes.data()), m_bytes.size());
}

void expectReading(std::span<const std::byte> mapped)
{
    advise(mapped, MADV_WILLNEED);
}

void dropPages(std::span<const std::byte> mapped)
{
    advise(mapped, MADV_DONTNEED);
}

} // namespace eigenquant
