// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/results/plan.h"
#include "ui/state/plan_choices.h"

#include <QWidget>

class QCheckBox;
class QComboBox;
class QDoubleSpinBox;
class QLabel;
class QLayout;
class QLineEdit;
class QPushButton;
class QStackedLayout;

namespace eigenquant {

/// The settings that a whole plan, or the selected rows of one, are planned from. What the chosen method ignores is
/// disabled, so that every combination is one that `eigenquant plan` takes too.
class PlanEditor : public QWidget {
    Q_OBJECT

public:
    explicit PlanEditor(QWidget* parent = nullptr);

    void setOptions(const PlanOptions& options);
    /// Throws Error::usage if K is neither a count nor a fraction.
    PlanOptions options() const;
    /// Offers the methods, group sizes and targets that the statistics do for.
    void setStatistics(const ModelStatistics& statistics);
    void setSelectedRows(int count);

signals:
    void applyRequested(bool selectedRowsOnly);

private:
    QLayout* buildHeader();
    QLayout* buildCodes();
    QWidget* buildBasis();
    QWidget* buildOutliers();
    void connectFields();
    void offerMethods();
    void setGroupSize(int size);
    void setBitsRange(Method method);
    /// What the fields say, heeded or not, without K.
    PlanOptions fieldValues() const;
    void takeMethod();
    void takeScope();
    void updateEnabled();
    void updateHint(const PlanOptions& options);

    KnownStatistics m_known;
    QLabel* m_hint = nullptr;
    QPushButton* m_applySelected = nullptr;
    QPushButton* m_applyAll = nullptr;
    QComboBox* m_method = nullptr;
    QDoubleSpinBox* m_bits = nullptr;
    QCheckBox* m_hasTarget = nullptr;
    QDoubleSpinBox* m_targetBits = nullptr;
    QComboBox* m_groupSize = nullptr;
    QComboBox* m_rounding = nullptr;
    QCheckBox* m_symmetric = nullptr;
    QCheckBox* m_activationOrder = nullptr;
    QCheckBox* m_clip = nullptr;
    QStackedLayout* m_second = nullptr;
    QComboBox* m_scope = nullptr;
    QComboBox* m_basis = nullptr;
    QComboBox* m_attnOut = nullptr;
    QComboBox* m_mlpOut = nullptr;
    QLineEdit* m_salient = nullptr;
    QComboBox* m_select = nullptr;
    QCheckBox* m_mixRest = nullptr;
    QDoubleSpinBox* m_activationOutliers = nullptr;
    QDoubleSpinBox* m_quantizationOutliers = nullptr;
    QCheckBox* m_fourAndTwo = nullptr;
    std::uint64_t m_seed = 0;
};

} // namespace eigenquant
