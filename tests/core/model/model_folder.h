// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"
#include "core/io/safetensors.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/tiny_model.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <cstddef>
#include <filesystem>
#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace eigenquant::test {

/// A tensor that can be changed before it is written again.
struct EditableTensor {
    std::string name;
    StoredType type = StoredType::F32;
    std::vector<std::int64_t> shape;
    std::vector<std::byte> bytes;
};

/// A small model folder, right until a test spoils it.
class ModelFolder {
public:
    explicit ModelFolder(const TinyModelOptions& options = {});

    const std::filesystem::path& path() const { return m_path; }
    /// Changes config.json.
    void editConfig(const std::function<void(nlohmann::json&)>& edit) const;
    /// Changes model.safetensors.
    void editTensors(const std::function<void(std::vector<EditableTensor>&)>& edit) const;

private:
    TemporaryFolder m_folder;
    std::filesystem::path m_path;
};

/// The tensor of that name; the test fails if there is none.
EditableTensor& tensor(std::vector<EditableTensor>& tensors, std::string_view name);

/// Runs `action` and checks that it throws an Error of the code whose message holds all the words.
void expectError(const std::function<void()>& action, ErrorCode code, std::initializer_list<std::string_view> words);

} // namespace eigenquant::test
