// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/core/model/model_folder.h"

#include "core/io/atomic_output.h"
#include "core/io/text_file.h"

#include <algorithm>
#include <stdexcept>

namespace eigenquant::test {

ModelFolder::ModelFolder(const TinyModelOptions& options) : m_path(writeTinyModel(m_folder / "model", options)) {}

void ModelFolder::editConfig(const std::function<void(nlohmann::json&)>& edit) const
{
    const std::filesystem::path file = m_path / "config.json";
    nlohmann::json config = nlohmann::json::parse(readFile(file));
    edit(config);
    writeFile(file, config.dump());
}

void ModelFolder::editTensors(const std::function<void(std::vector<EditableTensor>&)>& edit) const
{
    const std::filesystem::path file = m_path / "model.safetensors";
    std::vector<EditableTensor> tensors;
    {
        const auto store = SafetensorsStore::openFile(file); // unmapped again before the file is written anew
        for (const StoredTensor& stored : store->tensors())
            tensors.push_back({stored.name, stored.type, stored.shape, {stored.bytes.begin(), stored.bytes.end()}});
    }
    edit(tensors);
    std::vector<TensorSpec> specs;
    for (const EditableTensor& changed : tensors)
        specs.push_back({changed.name, changed.type, changed.shape});
    SafetensorsWriter writer(file, specs, {});
    for (const EditableTensor& changed : tensors)
        writer.write(changed.name, changed.bytes);
    writer.finish();
}

EditableTensor& tensor(std::vector<EditableTensor>& tensors, std::string_view name)
{
    const auto it = std::find_if(tensors.begin(), tensors.end(), [&](const auto& t) { return t.name == name; });
    if (it == tensors.end())
        throw std::logic_error("the tiny model has no tensor " + std::string(name));
    return *it;
}

void expectError(const std::function<void()>& action, ErrorCode code, std::initializer_list<std::string_view> words)
{
    try {
        action();
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), code) << error.what();
        for (const std::string_view word : words)
            EXPECT_NE(std::string_view(error.what()).find(word), std::string_view::npos)
                << "no \"" << word << "\" in: " << error.what();
        return;
    }
    ADD_FAILURE() << "nothing was thrown";
}

} // namespace eigenquant::test
