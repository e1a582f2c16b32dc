// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/core/io/io_test.h"

namespace eigenquant::test {

std::filesystem::path golden(std::string_view name)
{
    return std::filesystem::path(EIGENQUANT_SOURCE_DIR) / "tests/golden/io" / name;
}

std::vector<float> floatsOf(const TensorStore& store, std::string_view tensor)
{
    const StoredTensor& stored = store.at(tensor);
    std::vector<float> values(static_cast<std::size_t>(stored.count()));
    store.readFloat(stored, values);
    return values;
}

std::string safetensorsFile(std::string_view header, std::string_view data)
{
    std::string file = bytesOf<std::uint64_t>(header.size());
    file += header;
    file += data;
    return file;
}

} // namespace eigenquant::test
