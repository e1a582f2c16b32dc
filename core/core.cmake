# SPDX-License-Identifier: GPL-3.0-or-later
# The part of core that computes: it alone sees libtorch, and shows none of it to those that link it.
eigenquant_library(eigenquant_core
    SOURCES
        device/device.cpp
        model/config.cpp
        model/config_gguf.cpp
        model/decoder.cpp
        model/dense_source.cpp
        model/rope.cpp
        calib/pca.cpp
        calib/second_moments.cpp
        calib/statistics_reader.cpp
        calib/statistics_writer.cpp
        calib/windows.cpp
        quant/column_errors.cpp
        quant/grid.cpp
        quant/packed_linear.cpp
        quant/packed_source.cpp
        quant/packed_writer.cpp
        quant/plan.cpp
        quant/plan_json.cpp
        quant/predict.cpp
        quant/quantize_layer.cpp
        quant/random.cpp
        quant/rosaq.cpp
        quant/salient.cpp
        quant/storage.cpp
        eval/divergence.cpp
        eval/perplexity.cpp
        eval/scored_window.cpp
        export/hf_export.cpp
        session/analysis.cpp
        session/comparison.cpp
        session/comparison_rows.cpp
        session/demo_assets.cpp
        session/export_checkpoint.cpp
        session/model_assets.cpp
        session/quantization.cpp
        session/session.cpp
    PUBLIC eigenquant_results
    PRIVATE eigenquant_io eigenquant_tokenizer eigenquant_kernels LibTorch::cpu Eigen3::Eigen)
target_compile_definitions(eigenquant_core PRIVATE
    EIGENQUANT_VERSION="${PROJECT_VERSION}"
    EIGENQUANT_TEXT_FOLDER="${CMAKE_SOURCE_DIR}/resources/texts")
# A torch header costs seconds in every file; precompiled it is paid once.
target_precompile_headers(eigenquant_core PRIVATE <ATen/core/Tensor.h> <ATen/Parallel.h> <ATen/Functions.h>
    <nlohmann/json.hpp> <functional> <map> <string> <vector>)
