// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace eigenquant::test {

/// An empty folder of its own below the system's temporary folder, removed with all that is in it.
class TemporaryFolder {
public:
    TemporaryFolder();
    ~TemporaryFolder();
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;

    const std::filesystem::path& path() const { return m_path; }
    std::filesystem::path operator/(std::string_view name) const { return m_path / name; }
    /// Writes a file below the folder and returns its path.
    std::filesystem::path write(std::string_view name, std::string_view content) const;
    /// Names of all entries, sorted, hidden ones too.
    std::vector<std::string> entries() const;

private:
    std::filesystem::path m_path;
};

} // namespace eigenquant::test
