"""First names for people that nobody named."""

NAMES = (
    *("Ada", "Alva", "Amir", "Anouk", "Arjun", "Asa", "Bela", "Bo", "Camila", "Chidi", "Dana"),
    *("Dilan", "Edda", "Eloi", "Emre", "Enya", "Farid", "Fen", "Gita", "Goran", "Hana", "Hugo"),
    *("Ida", "Ilse", "Imre", "Ines", "Ivo", "Jada", "Jomo", "Juno", "Kaia", "Kenji", "Kofi"),
    *("Lena", "Levi", "Lior", "Luz", "Maeve", "Malik", "Mara", "Mei", "Milo", "Nadia", "Nils"),
    *("Noor", "Odin", "Olga", "Omar", "Otto", "Pia", "Priya", "Quinn", "Rafa", "Rhea", "Rosa"),
    *("Sami", "Sana", "Siri", "Sol", "Suri", "Tala", "Tamar", "Theo", "Tove", "Uma", "Uri"),
    *("Vera", "Viggo", "Wanda", "Wren", "Xiu", "Yara", "Yusuf", "Zara", "Zeno", "Zoe"),
)
