// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/mapped_file.h"

#include "core/base/error.h"
#include "core/io/system_error.h"

#include <cerrno>
#include <cstdint>
#include <iterator>
#include <fcntl.h>
#include <map>
#include <mutex>
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

/// Where files are mapped now: advice about memory of another kind would destroy it.
class Mappings {
public:
    static Mappings& all()
    {
        static Mappings mappings;
        return mappings;
    }
    void add(std::span<const std::byte> bytes)
    {
        const std::lock_guard lock(m_mutex);
        m_ends[address(bytes)] = address(bytes) + bytes.size();
    }
    void remove(std::span<const std::byte> bytes)
    {
        const std::lock_guard lock(m_mutex);
        m_ends.erase(address(bytes));
    }
    /// Advice about all pages that `bytes` touch, if they are of a file. It is only advice: where the kernel does
    /// not take it, nothing is lost but time or memory.
    void advise(std::span<const std::byte> bytes, int advice)
    {
        const auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
        const std::uintptr_t begin = address(bytes), end = begin + bytes.size(), first = begin / page * page;
        const std::lock_guard lock(m_mutex);
        const auto after = m_ends.upper_bound(begin);
        if (!bytes.empty() && after != m_ends.begin() && end <= std::prev(after)->second)
            (void)::madvise(reinterpret_cast<void*>(first), end - first, advice);
    }

private:
    static std::uintptr_t address(std::span<const std::byte> bytes)
    {
        return reinterpret_cast<std::uintptr_t>(bytes.data());
    }
    std::mutex m_mutex;
    std::map<std::uintptr_t, std::uintptr_t> m_ends; ///< by their begins
};

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
    const std::shared_ptr<const MappedFile> mapped(new MappedFile(map(descriptor, file)));
    if (!mapped->bytes().empty())
        Mappings::all().add(mapped->bytes());
    return mapped;
}

MappedFile::~MappedFile()
{
    if (m_bytes.empty())
        return;
    Mappings::all().remove(m_bytes);
    ::munmap(const_cast<std::byte*>(m_bytes.data()), m_bytes.size());
}

void expectReading(std::span<const std::byte> mapped)
{
    Mappings::all().advise(mapped, MADV_WILLNEED);
}

void dropPages(std::span<const std::byte> mapped)
{
    Mappings::all().advise(mapped, MADV_DONTNEED);
}

} // namespace eigenquant
