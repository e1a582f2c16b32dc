// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>

namespace eigenquant {

/// A file mapped read-only for as long as the object lives. Its descriptor is closed at once, so that a
/// model of many shards does not use up the process's descriptors.
class MappedFile {
public:
    /// Throws Error::io (missing, unreadable, not a regular file) or Error::resources (no address space).
    static std::shared_ptr<const MappedFile> open(const std::filesystem::path& file);
    ~MappedFile();
    MappedFile(const MappedFile&) = delete;
    MappedFile& operator=(const MappedFile&) = delete;

    std::span<const std::byte> bytes() const { return m_bytes; }

private:
    explicit MappedFile(std::span<const std::byte> bytes) : m_bytes(bytes) {}
    std::span<const std::byte> m_bytes;
};

/// Says that bytes of a mapped file will be read soon, so that the disk can go ahead.
void expectReading(std::span<const std::byte> mapped);
/// Gives back the memory of the pages that these bytes of a mapped file lie in; reading them maps them again.
/// Neither does anything for bytes that are not of a mapped file.
void dropPages(std::span<const std::byte> mapped);

} // namespace eigenquant
