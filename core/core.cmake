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
        calib/channel_norms.cpp
        calib/output_fisher.cpp
        calib/pca.cpp
        calib/second_moments.cpp
        calib/site_sample.cpp
        calib/statistics_reader.cpp
        calib/statistics_writer.cpp
        calib/windows.cpp
        quant/allocate.cpp
        quant/allocate_bits.cpp
        quant/awq.cpp
        quant/awq_merge.cpp
        quant/cmpq.cpp
        quant/cmpq_format.cpp
        quant/column_errors.cpp
        quant/error_feedback.cpp
        quant/etq.cpp
        quant/expected_error.cpp
        quant/feedback_rounder.cpp
        quant/global_rotation.cpp
        quant/gptq.cpp
        quant/grid.cpp
        quant/hadamard.cpp
        quant/kmeans_1d.cpp
        quant/packed_cmpq.cpp
        quant/packed_linear.cpp
        quant/packed_source.cpp
        quant/packed_writer.cpp
        quant/plan.cpp
        quant/plan_edit.cpp
        quant/plan_json.cpp
        quant/predict.cpp
        quant/quantize_layer.cpp
        quant/quantize_linear.cpp
        quant/random.cpp
        quant/salient.cpp
        quant/site_rotation.cpp
        quant/storage.cpp
        quant/subtract_product.cpp
        quant/trellis.cpp
        decode/column_linear.cpp
        decode/cpu_engine.cpp
        decode/decoding_engine.cpp
        decode/generate.cpp
        decode/gpu_cache.cpp
        decode/gpu_engine.cpp
        decode/gpu_errors.cpp
        decode/gpu_forward.cpp
        decode/gpu_linear.cpp
        decode/gpu_model.cpp
        decode/host_layer.cpp
        decode/model_shapes.cpp
        decode/random_model.cpp
        eval/divergence.cpp
        eval/perplexity.cpp
        eval/scored_window.cpp
        export/hf_export.cpp
        session/analysis.cpp
        session/comparison.cpp
        session/comparison_rows.cpp
        session/demo_assets.cpp
        session/export_checkpoint.cpp
        session/generation.cpp
        session/gpu_choice.cpp
        session/illustrations.cpp
        session/latency.cpp
        session/model_assets.cpp
        session/quantization.cpp
        session/sensitivity.cpp
        session/session.cpp
    PUBLIC eigenquant_results
    PRIVATE eigenquant_io eigenquant_tokenizer eigenquant_kernels LibTorch::cpu Eigen3::Eigen)
target_compile_definitions(eigenquant_core PRIVATE
    EIGENQUANT_VERSION="${PROJECT_VERSION}"
    EIGENQUANT_TEXT_FOLDER="${CMAKE_SOURCE_DIR}/resources/texts")
# A torch header costs seconds in every file; precompiled it is paid once.
target_precompile_headers(eigenquant_core PRIVATE <ATen/core/Tensor.h> <ATen/Parallel.h> <ATen/Functions.h>
    <nlohmann/json.hpp> <functional> <map> <string> <vector>)
