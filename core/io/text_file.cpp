// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/text_file.h"

#include "core/base/error.h"
#include "core/io/system_error.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace eigenquant {

namespace {

/// Reads to the end, but never more than `limit` bytes: pipes and devices do not tell their size.
std::string readAll(int descriptor, const std::filesystem::path& file, std::uint64_t limit, std::uint64_t expected)
{
    std::string content;
    content.reserve(std::min(limit, expected) + 1);
    while (true) {
        constexpr std::size_t kPiece = 1 << 20;
        const std::size_t filled = content.size();
        content.resize(filled + std::max<std::size_t>(kPiece, content.capacity() - filled));
        const ssize_t got = ::read(descriptor, content.data() + filled, content.size() - filled);
        const int reason = errno;
        content.resize(filled + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
        if (got < 0 && reason != EINTR)
            throw systemError(reason, file, "cannot read");
        if (content.size() > limit)
            throw Error::invalid("the file is too large for what it should be")
                .file(file.string())
                .expected("at most " + std::to_string(limit) + " bytes");
        if (got == 0)
            return content;
    }
}

struct Descriptor {
    int number;
    ~Descriptor() { ::close(number); }
};

/// The length of the UTF-8 sequence that starts at text[0], which is not ASCII; 0 if it is not valid.
/// The table is the one of the Unicode standard (3-7): no overlong forms, no surrogates.
std::size_t sequenceLength(std::string_view text)
{
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const auto continues = [&](std::size_t i, unsigned low = 0x80, unsigned high = 0xBF) {
        return i < text.size() && byte(i) >= low && byte(i) <= high;
    };
    const unsigned first = byte(0);
    if (first >= 0xC2 && first <= 0xDF)
        return continues(1) ? 2 : 0;
    if (first >= 0xE0 && first <= 0xEF) {
        const bool second = continues(1, first == 0xE0 ? 0xA0 : 0x80, first == 0xED ? 0x9F : 0xBF);
        return second && continues(2) ? 3 : 0;
    }
    if (first >= 0xF0 && first <= 0xF4) {
        const bool second = continues(1, first == 0xF0 ? 0x90 : 0x80, first == 0xF4 ? 0x8F : 0xBF);
        return second && continues(2) && continues(3) ? 4 : 0;
    }
    return 0;
}

/// How many bytes from `offset` on are plain ASCII, looked at eight at a time.
std::size_t asciiRun(std::string_view text, std::size_t offset)
{
    std::size_t i = offset;
    for (; i + 8 <= text.size(); i += 8) {
        std::uint64_t eight;
        std::memcpy(&eight, text.data() + i, 8);
        if (eight & 0x8080808080808080ull)
            break;
    }
    while (i < text.size() && static_cast<unsigned char>(text[i]) < 0x80)
        ++i;
    return i - offset;
}

} // namespace

std::string readFile(const std::filesystem::path& file, std::uint64_t limit)
{
    const int number = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
    if (number < 0)
        throw systemError(errno, file, "cannot open the file");
    const Descriptor descriptor{number};
    struct stat status {};
    if (::fstat(number, &status) != 0)
        throw systemError(errno, file, "cannot look at the file");
    if (S_ISDIR(status.st_mode))
        throw Error::io("this is a folder").file(file.string()).expected("a file");
    return readAll(number, file, limit, static_cast<std::uint64_t>(std::max<off_t>(status.st_size, 0)));
}

std::string readText(const std::filesystem::path& file)
{
    constexpr std::uint64_t kLimit = 1ull << 30;
    const bool standardInput = file == "-";
    const std::filesystem::path subject = standardInput ? "standard input" : file;
    std::string text = standardInput ? readAll(STDIN_FILENO, subject, kLimit, 0) : readFile(file, kLimit);
    if (const std::size_t bad = firstInvalidUtf8(text); bad != std::string::npos)
        throw Error::invalid("the text is not UTF-8")
            .file(subject.string())
            .found("an invalid byte at offset " + std::to_string(bad))
            .hint("convert it, for example with iconv");
    return text;
}

std::size_t firstInvalidUtf8(std::string_view text)
{
    std::size_t i = 0;
    while ((i += asciiRun(text, i)) < text.size()) {
        const std::size_t length = sequenceLength(text.substr(i));
        if (length == 0)
            return i;
        i += length;
    }
    return std::string_view::npos;
}

} // namespace eigenquant
