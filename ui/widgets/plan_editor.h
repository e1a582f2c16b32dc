// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/results/plan.h"

#include <QWidget>

class QCheckBox;
class QComboBox;
class QGridLayout;
class QLineEdit;
class QPushButton;
class QSpinBox;

namespace eigenquant {

/// The settings that a whole plan, or the selected rows of one, are planned from.
class PlanEditor : public QWidget {
    Q_OBJECT

public:
    explicit PlanEditor(QWidget* parent = nullptr);

    void setOptions(const PlanOptions& options);
    /// Throws Error::usage if K is neither a count nor a fraction.
    PlanOptions options() const;
    /// The group sizes that the statistics have errors for.
    void setGroupSizes(const std::vector<int>& sizes);
    void setSelectedRows(int count);

signals:
    void applyRequested(bool selectedRowsOnly);

private:
    void buildFields(QGridLayout& grid);
    void buildButtons(QGridLayout& grid);
    void updateEnabled();

    QComboBox* m_method = nullptr;
    QSpinBox* m_bits = nullptr;
    QComboBox* m_groupSize = nullptr;
    QLineEdit* m_salient = nullptr;
    QComboBox* m_select = nullptr;
    QComboBox* m_attnOut = nullptr;
    QComboBox* m_mlpOut = nullptr;
    QCheckBox* m_rotate = nullptr;
    QCheckBox* m_mixRest = nullptr;
    QCheckBox* m_symmetric = nullptr;
    QPushButton* m_applySelected = nullptr;
    std::uint64_t m_seed = 0;
};

} // namespace eigenquant
