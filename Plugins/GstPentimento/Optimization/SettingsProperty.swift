import GStreamerKit
import Style

/// A property for one field of ``OptimizationSettings``, from which its default comes.
package struct SettingsProperty<Value: Sendable>: PropertyDeclaration {
    package typealias Field = WritableKeyPath<OptimizationSettings, Value> & Sendable

    /// The property.
    package let property: Property<Value>
    private let field: Field

    /// - Parameter declare: the property with this default.
    init(_ field: Field, declare: (Value) -> Property<Value>) {
        self.field = field
        property = declare(OptimizationSettings()[keyPath: field])
    }

    package var specification: PropertySpecification { property.specification }
}

/// A ``SettingsProperty`` of any type.
protocol SettingsField: PropertyDeclaration {
    /// Copies the property's value to its field.
    func set(_ settings: inout OptimizationSettings, from properties: PropertySnapshot)
    /// Adds the field's value under the property's name.
    func add(to result: inout ResultSettings, from settings: OptimizationSettings)
}

extension SettingsProperty: SettingsField {
    func set(_ settings: inout OptimizationSettings, from properties: PropertySnapshot) {
        settings[keyPath: field] = properties[property]
    }

    func add(to result: inout ResultSettings, from settings: OptimizationSettings) {
        let value = settings[keyPath: field]
        if let number = value as? Double {
            result.add(property.name, number)
        } else {
            result.add(property.name, TypedSetting(property, value).text)
        }
    }
}
