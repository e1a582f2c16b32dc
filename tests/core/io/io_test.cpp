// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/core/io/io_test.h"

#include <cstdint>

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

std::string npyFile(std::string_view type, std::string_view shape, std::string_view data)
{
    std::string header = "{'descr': '" + std::string(type) + "', 'fortran_order': False, 'shape': " +
                         std::string(shape) + ", }\n";
    return "\x93NUMPY\x01" + std::string(1, '\0') + bytesOf(static_cast<std::uint16_t>(header.size())) + header +
           std::string(data);
}

} // namespace eigenquant::test
