// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/stored_rows.h"

#include <ATen/ops/empty.h>

namespace eigenquant {

at::Tensor storedRows(const TensorStore& store, const std::string& name, Words words)
{
    const StoredTensor& stored = store.at(name);
    const std::int64_t width = stored.shape.at(1);
    at::Tensor rows = at::empty({words.count, width}, at::kFloat);
    store.readFloat(stored, static_cast<std::uint64_t>(words.begin * width),
                    {rows.data_ptr<float>(), static_cast<std::size_t>(rows.numel())});
    return rows;
}

} // namespace eigenquant
