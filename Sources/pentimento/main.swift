print("pentimento")
